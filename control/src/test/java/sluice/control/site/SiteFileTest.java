package sluice.control.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The site file: what is right, and every mistake at once. */
class SiteFileTest {
    private static final String RIGHT = """
            name = "example.social"
            state = "/var/lib/sluice/control"

            [[gates]]
            admin = "unix:/run/sluice/admin.sock"

            [[gates]]
            admin = "http://127.0.0.1:9180"
            token_file = "/etc/sluice/token"

            [move]
            max_lag = "4MiB"

            [old.postgres]
            url = "postgresql://control:p%40ss@127.0.0.1:5432/mastodon?sslmode=disable"
            app_url = "postgresql://mastodon@127.0.0.1/mastodon"
            data = "/var/lib/postgresql/15/main"
            bin = "/usr/lib/postgresql/15/bin"
            replication = "host=127.0.0.1 port=5432 user=replicator"

            [[old.redis]]
            name = "main"
            address = "127.0.0.1:6379"

            [new.postgres]
            url = "postgresql://control@[::1]:5433/mastodon"
            app_url = "postgresql://mastodon@[::1]:5433/mastodon"
            data = "/data/new"
            bin = "/usr/lib/postgresql/15/bin"
            user = ""
            replication = "host=::1 port=5433 user=replicator"
            application_name = "other"
            slot = ""
            options = ["-c config_file=/etc/postgresql/15/main/postgresql.conf"]

            [[new.redis]]
            name = "main"
            address = "[::1]:6380"
            password_file = "/etc/sluice/redis"
            """;

    @Test
    void theExampleIsRight() throws Exception {
        Site site = SiteFile.read(Path.of("../config/site.toml"));
        assertThat(site.name()).isEqualTo("example.social");
        assertThat(site.move())
                .isEqualTo(SiteFile.parse("site.toml", RIGHT.replace("max_lag = \"4MiB\"", ""))
                        .move());
    }

    @Test
    void aSideBehindSsh() throws Exception {
        assertThat(SiteFile.parse("site.toml", RIGHT).side("new").ssh()).isNull();
        String there = RIGHT.replace("[new.postgres]", """
                [new]
                host = "ssh://deploy@[2001:db8::9]:2222"
                identity = "/etc/sluice/ssh/id_ed25519"

                [new.postgres]""");
        Site site = SiteFile.parse("site.toml", there);
        assertThat(site.side("old").ssh()).isNull();
        assertThat(site.side("new").ssh())
                .isEqualTo(
                        new Site.Ssh("ssh://deploy@[2001:db8::9]:2222", Path.of("/etc/sluice/ssh/id_ed25519"), null));
        for (String wrong : List.of("-oProxyCommand=touch", "a b")) {
            assertThat(catchThrowableOfType(
                                    SiteException.class,
                                    () -> SiteFile.parse(
                                            "site.toml", there.replace("ssh://deploy@[2001:db8::9]:2222", wrong)))
                            .mistakes())
                    .singleElement()
                    .asString()
                    .contains("new.host");
        }
        assertThat(catchThrowableOfType(
                                SiteException.class,
                                () -> SiteFile.parse("site.toml", there.replaceFirst("host = \"ssh[^\n]*", "")))
                        .mistakes())
                .singleElement()
                .asString()
                .contains("new.identity");
    }

    @Test
    void sidekiqOfBothSides() throws Exception {
        assertThat(SiteFile.parse("site.toml", RIGHT).side("old").sidekiq()).isNull();
        String both = RIGHT + """

                [old.sidekiq]
                units = ["mastodon-sidekiq.service", "mastodon-sidekiq@push.service"]

                [new.sidekiq]
                units = ["mastodon-sidekiq.service"]
                redis = "main"
                """;
        Site site = SiteFile.parse("site.toml", both);
        assertThat(site.side("old").sidekiq())
                .isEqualTo(
                        new Site.Sidekiq(List.of("mastodon-sidekiq.service", "mastodon-sidekiq@push.service"), "main"));
        assertThat(said(both.replace("redis = \"main\"", "redis = \"cache\""))).contains("new.sidekiq.redis");
        assertThat(said(both.replace("@push.service", "; rm"))).contains("old.sidekiq.units");
        assertThat(said(both.substring(0, both.indexOf("[new.sidekiq]")))).contains("new.sidekiq is missing");
    }

    private static String said(String text) {
        return String.join("\n", mistakes(text));
    }

    @Test
    void whatIsRightIsRead() throws Exception {
        Site site = SiteFile.parse("site.toml", RIGHT);
        assertThat(site.name()).isEqualTo("example.social");
        assertThat(site.gates())
                .containsExactly(
                        new Site.Gate("unix:/run/sluice/admin.sock", null),
                        new Site.Gate("http://127.0.0.1:9180", Path.of("/etc/sluice/token")));
        assertThat(site.move())
                .isEqualTo(new Site.Move(
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(10),
                        4 << 20,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(90),
                        Site.Repoint.BEFORE,
                        "/api/v2/instance",
                        Duration.ofMinutes(2)));
        Site.Postgres old = site.side("old").postgres();
        assertThat(old.url())
                .isEqualTo(new PostgresUrl("control", "p@ss", "127.0.0.1", 5432, "mastodon", "sslmode=disable"));
        assertThat(old.url().toString()).doesNotContain("p@ss");
        assertThat(old.user()).isEqualTo("postgres");
        assertThat(old.applicationName()).isEqualTo("sluice_old");
        assertThat(old.slot()).isEqualTo("sluice_old");
        Site.Postgres fresh = site.side("new").postgres();
        assertThat(fresh.url().host()).isEqualTo("::1");
        assertThat(fresh.url().address()).isEqualTo("[::1]:5433");
        assertThat(fresh.user()).isEmpty();
        assertThat(fresh.slot()).isEmpty();
        assertThat(fresh.options()).hasSize(1);
        assertThat(site.fresh().redis())
                .containsExactly(new Site.Redis(
                        "new",
                        "main",
                        new Site.Address("::1", 6380),
                        new Site.Address("::1", 6380),
                        new Site.Address("::1", 6380),
                        Path.of("/etc/sluice/redis")));
        assertThat(site.fresh().redis().get(0).address()).hasToString("[::1]:6380");
    }

    @Test
    void everyMistakeIsToldAtOnceWithItsKey() {
        String wrong = RIGHT.replace("unix:/run/sluice/admin.sock", "/run/sluice/admin.sock")
                .replace("token_file = \"/etc/sluice/token\"", "")
                .replace("max_lag = \"4MiB\"", "max_lag = \"4 megabytes\"\nhold_ttl = \"5s\"\nbudget = \"1s\"")
                .replace("postgresql://control:p%40ss@127.0.0.1", "mysql://control:p%40ss@127.0.0.1")
                .replace("data = \"/data/new\"", "data = \"new\"")
                .replace("slot = \"\"", "slot = \"Sluice-New\"")
                .replace("127.0.0.1:6379", "127.0.0.1")
                .replace("bin = \"/usr/lib/postgresql/15/bin\"\nuser = \"\"", "user = 7");
        List<String> mistakes = mistakes(wrong);
        assertThat(mistakes).hasSize(11).allMatch(mistake -> mistake.startsWith("site.toml: "));
        assertThat(mistakes)
                .anyMatch(mistake -> mistake.contains("gates[0].admin = \"/run/sluice/admin.sock\" must be \"unix:"))
                .anyMatch(mistake -> mistake.contains("gates[1].token_file is missing"))
                .anyMatch(mistake -> mistake.contains("move.max_lag = \"4 megabytes\" is no size"))
                .anyMatch(mistake -> mistake.contains("move.hold_budget = PT10S must be shorter than hold_ttl"))
                .anyMatch(mistake -> mistake.contains("move.budget is not known; known here are hold_ttl, hold_budget"))
                .anyMatch(mistake -> mistake.contains("old.postgres.url does not start with postgresql://"))
                .anyMatch(mistake -> mistake.contains("old.redis[0].address = \"127.0.0.1\" must be host:port"))
                .anyMatch(mistake -> mistake.contains("new.postgres.data = \"new\" must be an absolute path"))
                .anyMatch(mistake -> mistake.contains("new.postgres.slot = \"Sluice-New\" must be"))
                .anyMatch(mistake -> mistake.contains("new.postgres.bin is missing; for example"))
                .anyMatch(mistake -> mistake.contains("new.postgres.user = 7 must be a text"));
        assertThat(String.join("\n", mistakes)).doesNotContain("p%40ss").doesNotContain("p@ss");
    }

    @Test
    void sidesThatDoNotFitAreTold() {
        assertThat(mistakes(RIGHT.replace("[::1]:5433", "127.0.0.1:5432")))
                .containsExactly("site.toml: new.postgres.url is the same server as old.postgres.url, 127.0.0.1:5432");
        assertThat(mistakes(RIGHT.replace(
                        "name = \"main\"\naddress = \"[::1]:6380\"", "name = \"cache\"\naddress = \"127.0.0.1:6379\"")))
                .containsExactly(
                        "site.toml: new.redis has the names [cache] but old.redis has [main]; instances that belong"
                                + " together have the same name",
                        "site.toml: new.redis names 127.0.0.1:6379, which is named before");
        assertThat(mistakes(RIGHT.replace("mastodon@[::1]:5433", "mastodon@[::1]:6432")))
                .singleElement()
                .asString()
                .contains("new.postgres.app_url is another server");
    }

    @Test
    void whatIsNotThereAtAllIsToldOnce() {
        assertThat(mistakes("name = \"x\"\nstate = \"/s\"\n"))
                .containsExactlyInAnyOrder(
                        "site.toml: gates has no entry; name each proxy: [[gates]] admin ="
                                + " \"unix:/run/sluice/admin.sock\"",
                        "site.toml: old is missing; there must be a table [old]",
                        "site.toml: new is missing; there must be a table [new]");
        assertThat(mistakes("name = \n")).singleElement().asString().startsWith("site.toml: is no TOML in line 1");
        assertThatThrownBy(() -> SiteFile.read(Path.of("/no/such/site.toml")))
                .isInstanceOf(SiteException.class)
                .hasMessageContaining("/no/such/site.toml: cannot be read");
    }

    @Test
    void urlsSayWhatIsWrong() {
        for (String wrong : List.of(
                "postgresql:///mastodon",
                "postgresql://127.0.0.1/mastodon",
                "postgresql://a@127.0.0.1",
                "postgresql://a@127.0.0.1/",
                "postgresql://a b@127.0.0.1/x",
                "host=127.0.0.1")) {
            assertThatThrownBy(() -> PostgresUrl.parse(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("right is for example");
        }
        assertThat(PostgresUrl.parse("postgres://a:b+c@h/d").password()).isEqualTo("b+c");
    }

    private static List<String> mistakes(String text) {
        return catchThrowableOfType(SiteException.class, () -> SiteFile.parse("site.toml", text))
                .mistakes();
    }
}
