package sluice.control.site;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads {@code site.toml}. Every mistake is reported at once, with file, key and what would be right. */
public final class SiteFile {
    // https://www.postgresql.org/docs/15/warm-standby.html#STREAMING-REPLICATION-SLOTS: letters, digits, underscore.
    private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{0,63}");
    private static final Pattern APPLICATION = Pattern.compile("[A-Za-z0-9_.-]{1,63}");
    private static final Pattern ADDRESS = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^:\\[\\]\\s]+):(\\d{1,5})");
    // No word that ssh could take for an option.
    private static final Pattern DESTINATION = Pattern.compile("|[^\\s-]\\S*");
    private static final Pattern UNIT = Pattern.compile("[A-Za-z0-9:_.\\\\@-]+\\.service");
    private static final Pattern PROBE = Pattern.compile("/\\S*");
    private static final Pattern ADMIN = Pattern.compile("unix:/.+|http://[^/\\s]+:\\d{1,5}");

    private final List<String> mistakes = new ArrayList<>();

    private SiteFile() {}

    /**
     * Reads and checks a site file.
     *
     * @throws SiteException with every mistake, when the file cannot be read or used
     */
    public static Site read(Path file) throws SiteException {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new SiteException(List.of(
                    file + ": cannot be read (" + e + "); give the site file with --site FILE, or make it readable"));
        }
        return parse(file.toString(), text);
    }

    /** The same from a text; {@code file} is only its name for messages. */
    static Site parse(String file, String text) throws SiteException {
        JsonNode tree;
        try {
            tree = new TomlMapper().readTree(text);
        } catch (JsonProcessingException e) {
            String where =
                    e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
            throw new SiteException(List.of(file + ": is no TOML" + where + ": " + e.getOriginalMessage()));
        }
        SiteFile reader = new SiteFile();
        Site site = reader.site(new Table(file, "", tree, reader.mistakes));
        if (!reader.mistakes.isEmpty()) {
            throw new SiteException(reader.mistakes);
        }
        return site;
    }

    private Site site(Table root) {
        Site site = new Site(
                root.text("name", "example.social"),
                root.path("state", "/var/lib/sluice/control"),
                gates(root),
                move(root.table("move", false)),
                side("old", root.table("old", true)),
                side("new", root.table("new", true)));
        root.end();
        compare(root, site);
        return site;
    }

    private List<Site.Gate> gates(Table root) {
        List<Site.Gate> gates = new ArrayList<>();
        for (Table table : root.tables("gates")) {
            String admin = table.text(
                    "admin",
                    "",
                    ADMIN,
                    "must be \"unix:/run/sluice/admin.sock\" or \"http://127.0.0.1:9180\" (with a port, without a path)");
            Path token = table.optionalPath("token_file", "/etc/sluice/token");
            if (admin.startsWith("http:") && token == null) {
                table.mistake("token_file", "is missing; over TCP the proxy changes nothing without its token");
            }
            table.end();
            gates.add(new Site.Gate(admin, token));
        }
        if (gates.isEmpty()) {
            root.mistake("gates", "has no entry; name each proxy: [[gates]] admin = \"unix:/run/sluice/admin.sock\"");
        }
        return List.copyOf(gates);
    }

    private static Site.Move move(Table table) {
        Duration ttl = table.duration("hold_ttl", "20s");
        Duration budget = table.duration("hold_budget", "10s");
        Duration drain = table.duration("drain_wait", "5s");
        if (budget.compareTo(ttl) >= 0) {
            table.mistake(
                    "hold_budget",
                    "= " + budget + " must be shorter than hold_ttl = " + ttl
                            + ", else the proxies could open before the run has given up");
        }
        if (drain.compareTo(budget) >= 0) {
            table.mistake(
                    "drain_wait",
                    "= " + drain + " must be shorter than hold_budget = " + budget + ", of which it is a part");
        }
        Site.Move move = new Site.Move(
                ttl,
                budget,
                table.size("max_lag", "16MiB"),
                drain,
                table.duration("sidekiq_wait", "90s"),
                repoint(table),
                table.text("probe", "/api/v2/instance", PROBE, "must be a path, for example \"/api/v2/instance\""),
                table.duration("boot_wait", "2m"));
        table.end();
        return move;
    }

    private static Site.Repoint repoint(Table table) {
        String text = table.optionalText("repoint").orElse("before");
        return switch (text) {
            case "before" -> Site.Repoint.BEFORE;
            case "inside" -> Site.Repoint.INSIDE;
            default -> {
                table.mistake("repoint", "= \"" + text + "\" must be \"before\" or \"inside\" (the hold)");
                yield Site.Repoint.BEFORE;
            }
        };
    }

    private Site.Side side(String name, Table table) {
        Site.@Nullable Ssh ssh = ssh(table);
        Site.Postgres postgres = postgres(name, table.table("postgres", true));
        List<Site.Redis> redis = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Table each : table.tables("redis")) {
            Site.Redis instance = redis(name, each);
            if (!names.add(instance.name())) {
                each.mistake("name", "= \"" + instance.name() + "\" is there twice; each instance needs its own");
            }
            redis.add(instance);
        }
        Site.@Nullable Sidekiq sidekiq = table.has("sidekiq") ? sidekiq(table.table("sidekiq", false), names) : null;
        Site.@Nullable Mastodon mastodon = table.has("mastodon") ? mastodon(table.table("mastodon", false)) : null;
        table.end();
        return new Site.Side(name, ssh, postgres, List.copyOf(redis), sidekiq, mastodon);
    }

    private static Site.@Nullable Ssh ssh(Table table) {
        String destination = table.text(
                "host",
                "",
                DESTINATION,
                "must be what ssh takes: \"deploy@203.0.113.9\", \"ssh://deploy@203.0.113.9:2222\", or a name of its"
                        + " configuration; without host the side is on this machine");
        Path identity = table.optionalPath("identity", "/etc/sluice/ssh/id_ed25519");
        Path knownHosts = table.optionalPath("known_hosts", "/etc/sluice/ssh/known_hosts");
        if (destination.isEmpty()) {
            for (String key : List.of("identity", "known_hosts")) {
                if (table.has(key)) {
                    table.mistake(key, "is for a side with host = \"user@machine\"; this one is on this machine");
                }
            }
            return null;
        }
        return new Site.Ssh(destination, identity, knownHosts);
    }

    private static List<String> units(Table table, String key, String example) {
        List<String> units = table.texts(key);
        if (units.isEmpty()) {
            table.mistake(key, "names no unit; for example [\"" + example + "\"]");
        }
        for (String unit : units) {
            if (!UNIT.matcher(unit).matches()) {
                table.mistake(
                        key, "has \"" + unit + "\", which is no service; right is for example \"" + example + "\"");
            }
        }
        return List.copyOf(units);
    }

    private static Site.Sidekiq sidekiq(Table table, Set<String> instances) {
        List<String> units = units(table, "units", "mastodon-sidekiq.service");
        String redis = table.optionalText("redis").orElse("main");
        if (!instances.contains(redis)) {
            table.mistake("redis", "= \"" + redis + "\" is no instance of this side; there are " + instances);
        }
        table.end();
        return new Site.Sidekiq(units, redis);
    }

    private static Site.Mastodon mastodon(Table table) {
        Site.Mastodon mastodon = new Site.Mastodon(
                table.optionalText("user").orElse("mastodon"),
                table.path("folder", "/home/mastodon/live"),
                units(table, "web", "mastodon-web.service"),
                units(table, "streaming", "mastodon-streaming.service"),
                address(table, "address", "127.0.0.1:3000"),
                address(table, "streaming_address", "127.0.0.1:4000"),
                table.textTable("own"));
        table.end();
        return mastodon;
    }

    private static Site.Postgres postgres(String side, Table table) {
        PostgresUrl url = table.postgresUrl("url", "postgresql://control@127.0.0.1:5432/mastodon");
        Site.Postgres postgres = new Site.Postgres(
                side,
                url,
                table.postgresUrl("app_url", "postgresql://mastodon@127.0.0.1:5432/mastodon"),
                table.path("data", "/var/lib/postgresql/15/main"),
                table.path("bin", "/usr/lib/postgresql/15/bin"),
                table.optionalText("user").orElse("postgres"),
                table.text("replication", "host=127.0.0.1 port=5432 user=replicator"),
                address(table, "own", url.address()),
                table.text(
                        "application_name",
                        "sluice_" + side,
                        APPLICATION,
                        "must be 1 to 63 letters, digits, dots, hyphens and underscores"),
                table.text(
                        "slot",
                        "sluice_" + side,
                        SLOT,
                        "must be up to 63 small letters, digits and underscores (empty: no slot)"),
                List.copyOf(table.texts("options")));
        table.end();
        return postgres;
    }

    private static Site.Redis redis(String side, Table table) {
        Site.Address address = address(table, "address", "127.0.0.1:6379");
        Site.Redis redis = new Site.Redis(
                side,
                table.text("name", "main"),
                address,
                address(table, "replication", address.toString()),
                address(table, "own", address.toString()),
                table.optionalPath("password_file", "/etc/sluice/redis-password"));
        if (!table.has("address")) {
            table.mistake("address", "is missing; for example address = \"127.0.0.1:6379\"");
        }
        table.end();
        return redis;
    }

    private static Site.Address address(Table table, String key, String fallback) {
        String text = table.text(key, fallback, ADDRESS, "must be host:port, for example \"127.0.0.1:6379\"");
        Matcher matcher = ADDRESS.matcher(text);
        if (!matcher.matches()) {
            return new Site.Address("127.0.0.1", 1);
        }
        int port = Integer.parseInt(matcher.group(2));
        if (port < 1 || port > 65535) {
            table.mistake(key, "= \"" + text + "\" has a port outside 1 to 65535");
        }
        return new Site.Address(matcher.group(1).replaceAll("[\\[\\]]", ""), port);
    }

    /** What is right on each side alone, and wrong together. */
    private void compare(Table root, Site site) {
        if (!mistakes.isEmpty()) {
            return; // Stand-ins would be compared.
        }
        PostgresUrl there = site.old().postgres().url();
        if (there.address().equals(site.fresh().postgres().url().address())) {
            root.mistake("new.postgres.url", "is the same server as old.postgres.url, " + there.address());
        }
        for (Site.Side side : List.of(site.old(), site.fresh())) {
            Site.Postgres postgres = side.postgres();
            if (!postgres.url().address().equals(postgres.appUrl().address())) {
                root.mistake(
                        side.name() + ".postgres.app_url",
                        "is another server (" + postgres.appUrl().address() + ") than url ("
                                + postgres.url().address() + "); a pooler in between is not supported");
            }
        }
        Set<String> old = redisNames(site.old());
        Set<String> fresh = redisNames(site.fresh());
        if (!old.equals(fresh)) {
            root.mistake(
                    "new.redis",
                    "has the names " + fresh + " but old.redis has " + old
                            + "; instances that belong together have the same name");
        }
        if ((site.old().sidekiq() == null) != (site.fresh().sidekiq() == null)) {
            root.mistake(
                    (site.old().sidekiq() == null ? "old" : "new") + ".sidekiq",
                    "is missing; the other side has it, and the jobs go on where the site is");
        }
        if ((site.old().mastodon() == null) != (site.fresh().mastodon() == null)) {
            root.mistake(
                    (site.old().mastodon() == null ? "old" : "new") + ".mastodon",
                    "is missing; the other side has it, and a move looks after both");
        }
        Set<Site.Address> addresses = new HashSet<>();
        for (Site.Side side : List.of(site.old(), site.fresh())) {
            for (Site.Redis redis : side.redis()) {
                if (!addresses.add(redis.address())) {
                    root.mistake(side.name() + ".redis", "names " + redis.address() + ", which is named before");
                }
            }
        }
    }

    private static Set<String> redisNames(Site.Side side) {
        return side.redis().stream().map(Site.Redis::name).collect(Collectors.toCollection(TreeSet::new));
    }
}
