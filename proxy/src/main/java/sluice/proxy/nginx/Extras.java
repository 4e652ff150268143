package sluice.proxy.nginx;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What nginx does beside serving: compression, clients' certificates, the access log. */
final class Extras {
    /** What Sluice compresses, as Mastodon's nginx.conf has it. */
    private static final Set<String> COMPRESSED = Set.of(
            "text/html",
            "text/plain",
            "text/css",
            "application/json",
            "application/javascript",
            "text/xml",
            "application/xml",
            "application/rss+xml",
            "text/javascript",
            "image/svg+xml",
            "image/x-icon");

    private static final String OFF = "off";
    private static final String CLIENTS = "client_certificates";
    private static final String LOG = "access_log";
    private static final Set<String> COMBINED = Set.of("", "combined", "main");

    private final Report report;
    private final Draft draft;

    Extras(Report report, Draft draft) {
        this.report = report;
        this.draft = draft;
    }

    /** @param web the block that passes requests for pages on */
    void gzip(Context web) {
        Directive given = web.one("gzip");
        if (given == null || given.arg(0).equals(OFF)) {
            draft.put(
                    "", "gzip", "false", given == null ? "nginx's default: there is no gzip" : "from " + given.place());
            return;
        }
        Directive types = web.one("gzip_types");
        List<String> more = types == null
                ? List.of()
                : types.args().stream()
                        .filter(type -> !COMPRESSED.contains(type))
                        .toList();
        if (types != null && !more.isEmpty()) {
            report.note(types, "Sluice does not compress " + String.join(", ", more) + ".");
        }
    }

    /** ssl_verify_client, as for Cloudflare's authenticated origin pulls. */
    void clients(Context server) {
        Directive verify = server.one("ssl_verify_client");
        Directive authorities = server.one("ssl_client_certificate");
        if (verify == null || verify.arg(0).equals(OFF)) {
            return;
        }
        if (!verify.arg(0).equals("on")) {
            report.against(
                    verify,
                    "nginx lets clients in without a certificate too, and may tell the site; Sluice asks all for one, or nobody.");
        } else if (authorities == null || !authorities.arg(0).startsWith("/")) {
            report.against(verify, "The importer does not see which authorities nginx trusts here.");
            draft.missing(CLIENTS, "ca", "\"/etc/sluice/origin-pull-ca.pem\"", "the authorities to trust");
        } else {
            draft.put(CLIENTS, "ca", Draft.quoted(authorities.arg(0)), "from " + authorities.place());
        }
    }

    /** The log goes to the journal: nginx's own file is nginx's, and is rotated for it. */
    void accessLog(Context http, Context server) {
        List<Directive> all = server.nearest(LOG);
        if (all.stream().anyMatch(log -> log.arg(0).equals(OFF))) {
            return;
        }
        Directive given = all.isEmpty() ? null : all.get(0);
        String name = given == null || given.arg(1).contains("=") ? "" : given.arg(1);
        Directive format = http.all("log_format").stream()
                .filter(form -> form.arg(0).equals(name))
                .findFirst()
                .orElse(null);
        boolean json = isJson(format);
        draft.put(
                LOG,
                "file",
                "\"-\"",
                (given == null ? "nginx's default" : "from " + given.place()) + "; - is standard output, for journald");
        draft.put(
                LOG,
                "format",
                json ? "\"json\"" : "\"combined\"",
                json ? "as nginx wrote JSON" : "as nginx's combined");
        if (given != null && !json && !COMBINED.contains(name)) {
            report.note(given, "Sluice writes lines of its format combined, and not of " + name + ".");
        }
        if (given != null && given.args().stream().anyMatch(arg -> arg.startsWith("if="))) {
            report.note(given, "Sluice writes a line for every request, nginx for some only.");
        }
    }

    private static boolean isJson(@Nullable Directive format) {
        return format != null
                && format.args().stream().anyMatch(arg -> arg.equals("escape=json") || arg.startsWith("{"));
    }
}
