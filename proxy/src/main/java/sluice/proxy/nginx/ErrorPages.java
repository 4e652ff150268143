package sluice.proxy.nginx;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code error_page}: the page for what nginx itself cannot answer. Sluice has one, for 5xx. */
final class ErrorPages {
    private static final String USUAL = "/500.html";
    private static final Set<String> ERRORS = Set.of("404", "500", "501", "502", "503", "504");
    private static final Set<String> OF_A_PAGE = Set.of(
            "root", "internal", "allow", "access_log", "log_not_found", "default_type", "add_header", "try_files");

    private final Server site;
    private final Report report;
    private final Draft draft;
    private String page = USUAL;

    ErrorPages(Server site, Report report, Draft draft) {
        this.site = site;
        this.report = report;
        this.draft = draft;
    }

    /** Reads those of the whole site, and writes the page. */
    void read() {
        Directive first = site.context().nearest("error_page").stream()
                .filter(given -> codes(given).stream().anyMatch(code -> code.startsWith("5")))
                .filter(given -> target(given).matches("/[\\w./-]+"))
                .filter(given -> given.args().stream().noneMatch(arg -> arg.startsWith("=")))
                .findFirst()
                .orElse(null);
        if (first != null) {
            page = target(first);
            String file = file();
            if (file != null) {
                draft.put("", "error_page", Draft.quoted(file), "from " + first.place());
            }
        }
        within(site.context());
    }

    /** From root on, or the whole path where a location has a root of its own; null when Sluice looks there anyway. */
    private @Nullable String file() {
        Directive root = site.locations().stream()
                .filter(this::isFor)
                .map(location -> location.context().ownOne("root"))
                .filter(own -> own != null && own.arg(0).startsWith("/"))
                .findFirst()
                .orElse(null);
        if (root != null) {
            return root.arg(0).replaceFirst("/$", "") + page;
        }
        return page.equals(USUAL) ? null : page.substring(1);
    }

    /** Whether a location is there only to have the page in it. */
    boolean isFor(Location location) {
        return location.modifier().equals("=")
                && location.path().equals(page)
                && location.context().own().stream().map(Directive::name).allMatch(OF_A_PAGE::contains);
    }

    /** Says of the pages that count in a block which are none of Sluice's. */
    void within(Context context) {
        for (Directive given : context.nearest("error_page")) {
            if (!ERRORS.containsAll(codes(given)) || !target(given).equals(page)) {
                report.against(
                        given,
                        "Sluice answers errors of its own with " + page.substring(1) + ", and with nothing else.");
            }
        }
    }

    private static List<String> codes(Directive given) {
        return given.args().subList(0, Math.max(0, given.args().size() - 1));
    }

    private static String target(Directive given) {
        return given.arg(given.args().size() - 1);
    }
}
