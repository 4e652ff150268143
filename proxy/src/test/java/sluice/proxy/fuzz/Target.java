package sluice.proxy.fuzz;

import java.nio.file.Path;
import java.util.Locale;

/** The fuzz targets. Each is a class with a method for Jazzer, and a folder with inputs to begin with. */
enum Target {
    REQUEST(Part.REQUEST_PATH, 35, "sluice.proxy.http.RequestFuzz"),
    FRAMES(Part.REQUEST_PATH, 25, "sluice.proxy.http.FramesFuzz"),
    ANSWER(Part.REQUEST_PATH, 20, "sluice.proxy.http.AnswerFuzz"),
    FIRST_BYTES(Part.REQUEST_PATH, 10, "sluice.proxy.listen.FirstBytesFuzz"),
    RULES(Part.REQUEST_PATH, 10, "sluice.proxy.route.RulesFuzz"),
    CONFIG(Part.CONFIGURATION, 30, "sluice.proxy.config.ConfigFuzz"),
    IMPORT(Part.CONFIGURATION, 40, "sluice.proxy.nginx.ImportFuzz"),
    STATE(Part.CONFIGURATION, 15, "sluice.proxy.route.StateFuzz"),
    ADMIN(Part.CONFIGURATION, 15, "sluice.proxy.admin.AdminFuzz");

    /** What is fuzzed together, within one time. */
    enum Part {
        REQUEST_PATH,
        CONFIGURATION
    }

    private final Part part;
    private final int share;
    private final String className;

    /** @param share how much of its part's time it has, in per cent */
    Target(Part part, int share, String className) {
        this.part = part;
        this.share = share;
        this.className = className;
    }

    Part part() {
        return part;
    }

    int share() {
        return share;
    }

    String className() {
        return className;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Path inputs() {
        return Path.of("src/test/resources/fuzz", label());
    }
}
