package sluice.proxy.config;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig.AccessLog;
import sluice.proxy.config.ProxyConfig.AccessLog.Format;

/** Reads {@code [access_log]}. */
final class AccessLogTable {
    private static final String KEY = "access_log";
    private static final String STANDARD_OUTPUT = "-";
    private static final Map<String, Format> FORMATS = Map.of("combined", Format.COMBINED, "json", Format.JSON);

    private AccessLogTable() {}

    /** Returns null when there is no such table. */
    static @Nullable AccessLog read(Table top, Path base) {
        Table table = top.table(KEY);
        Format format = table.get("format", Forms.oneOf("write \"combined\" or \"json\"", FORMATS), Format.COMBINED);
        if (!top.has(KEY)) {
            return null;
        }
        boolean standardOutput = table.has("file") && isStandardOutput(table);
        Path file = standardOutput
                ? null
                : table.required(
                        "file",
                        Forms.written(base, "write a file such as \"/var/log/sluice/access.log\", or \"-\""),
                        Path.of("/dev/null"),
                        "write a file such as \"/var/log/sluice/access.log\", or \"-\" for the standard output");
        return new AccessLog(file, format);
    }

    private static boolean isStandardOutput(Table table) {
        var value = table.take("file");
        return value != null && value.isTextual() && value.textValue().equals(STANDARD_OUTPUT);
    }
}
