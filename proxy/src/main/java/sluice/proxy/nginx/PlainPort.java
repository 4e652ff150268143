package sluice.proxy.nginx;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The server block on port 80 that sends everybody to https and serves certificate challenges, which Sluice does by itself. */
final class PlainPort {
    private static final Set<String> READ_ELSEWHERE = Set.of(
            "listen",
            "server_name",
            "root",
            "location",
            "add_header",
            "client_max_body_size",
            "keepalive_timeout",
            "set_real_ip_from",
            "real_ip_header",
            "real_ip_recursive",
            "large_client_header_buffers",
            "error_page",
            "client_header_timeout",
            "client_body_timeout",
            "send_timeout");
    private static final Set<String> OF_CHALLENGES =
            Set.of("root", "alias", "try_files", "allow", "default_type", "auth_basic");
    private static final Pattern SAME_PLACE =
            Pattern.compile("https://(\\$host|\\$server_name|\\$http_host|[\\w.-]+)\\$request_uri");
    private static final Pattern SAME_BY_REWRITE = Pattern.compile(
            "\\^(\\(\\.\\*\\)|/\\(\\.\\*\\))?\\$? https://(\\$host|\\$server_name|\\$http_host|[\\w.-]+)(\\$request_uri\\??|/?\\$1) permanent");

    private final Knowledge knowledge;
    private static final String PATH = "/.well-known/acme-challenge";

    private final Report report;
    private final Draft draft;
    private @Nullable String acmeRoot;

    PlainPort(Knowledge knowledge, Report report, Draft draft) {
        this.draft = draft;
        this.knowledge = knowledge;
        this.report = report;
    }

    /** Whether a server block does nothing but send to https, refuse, and serve challenges. */
    static boolean onlyRedirects(Server server) {
        boolean redirects = false;
        for (Directive directive : server.context().own()) {
            redirects |= isRedirect(directive) || isConditionalRedirect(directive);
        }
        for (Location location : Location.in(server.context())) {
            redirects |= redirect(location) != null;
        }
        return redirects && !server.tls();
    }

    /**
     * Says what it does beside that.
     *
     * @param root of the site itself, or null
     */
    void read(Server server, @Nullable String root) {
        boolean conditional = false;
        for (Directive directive : server.context().own()) {
            boolean last =
                    directive.is("return") && conditional && directive.arg(0).matches("4\\d\\d");
            conditional |= isConditionalRedirect(directive);
            if (isRedirect(directive)) {
                code(directive);
            } else if (!last && !isConditionalRedirect(directive) && !READ_ELSEWHERE.contains(directive.name())) {
                knowledge.judge(directive, report);
            }
        }
        for (Location location : Location.in(server.context())) {
            Directive redirect = redirect(location);
            if (location.isAcme()) {
                challenges(location, root);
            } else if (redirect != null && location.isRoot()) {
                code(redirect);
            } else {
                report.against(
                        location.block(), "On port 80 Sluice sends everything but certificate challenges to https.");
            }
        }
    }

    private void challenges(Location location, @Nullable String root) {
        for (Directive directive : location.context().own()) {
            if (!OF_CHALLENGES.contains(directive.name())) {
                knowledge.judge(directive, report);
            }
        }
        Directive alias = location.context().ownOne("alias");
        Directive own = alias == null ? location.context().one("root") : alias;
        String folder = own == null ? null : alias == null ? own.arg(0) : above(alias.arg(0));
        if (own == null || (folder != null && folder.equals(root))) {
            return;
        }
        if (folder == null || !folder.startsWith("/") || folder.contains("$")) {
            report.against(
                    own,
                    "nginx looks for certificate challenges here; Sluice looks in .well-known/acme-challenge below a folder, so renewals would fail.");
        } else if (acmeRoot == null) {
            acmeRoot = folder;
            draft.put("files", "acme_root", Draft.quoted(folder), "from " + own.place());
        } else if (!acmeRoot.equals(folder)) {
            report.against(own, "Sluice looks for certificate challenges in one folder, " + acmeRoot + ".");
        }
    }

    /** The folder that an alias for challenges is below as Sluice would look for them, or null. */
    private static @Nullable String above(String alias) {
        String folder = alias.replaceFirst("/$", "");
        return folder.endsWith(PATH) && folder.length() > PATH.length()
                ? folder.substring(0, folder.length() - PATH.length())
                : null;
    }

    private void code(Directive redirect) {
        String code = redirect.is("rewrite") ? "301" : redirect.arg(0);
        if (!code.equals("301")) {
            report.note(redirect, "Sluice answers 301 here.");
        }
    }

    private static @Nullable Directive redirect(Location location) {
        return location.context().own().stream()
                .filter(PlainPort::isRedirect)
                .findFirst()
                .orElse(null);
    }

    /** To the same place by https. */
    private static boolean isRedirect(Directive directive) {
        if (directive.is("return")) {
            boolean bare = directive.args().size() == 1;
            String code = bare ? "302" : directive.arg(0);
            String to = bare ? directive.arg(0) : directive.arg(1);
            return code.matches("30[1278]") && SAME_PLACE.matcher(to).matches();
        }
        return directive.is("rewrite")
                && SAME_BY_REWRITE.matcher(directive.text()).matches();
    }

    /** As certbot writes it: {@code if ($host = NAME) { return 301 …; }}. */
    private static boolean isConditionalRedirect(Directive directive) {
        List<Directive> inside = directive.inside();
        return directive.is("if")
                && directive.text().matches("\\(\\$(host|server_name|scheme) (=|!=) \"?[\\w.-]+\"?\\s?\\)")
                && inside.size() == 1
                && isRedirect(inside.get(0));
    }
}
