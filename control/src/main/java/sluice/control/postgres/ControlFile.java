package sluice.control.postgres;

import java.util.HashMap;
import java.util.Map;
import sluice.control.postgres.PostgresServer.ControlData;

/** Reads what {@code pg_controldata} prints in English: {@code Label: value}, one a line. */
final class ControlFile {
    private ControlFile() {}

    /** @throws IllegalArgumentException naming the line that is missing or odd */
    static ControlData parse(String printed) {
        Map<String, String> values = new HashMap<>();
        for (String line : printed.split("\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                values.put(
                        line.substring(0, colon).strip(),
                        line.substring(colon + 1).strip());
            }
        }
        return new ControlData(
                need(values, "Database cluster state"),
                Lsn.parse(need(values, "Latest checkpoint location")),
                Lsn.parse(need(values, "Latest checkpoint's REDO location")),
                Integer.parseInt(need(values, "Latest checkpoint's TimeLineID")),
                need(values, "Database system identifier"));
    }

    private static String need(Map<String, String> values, String label) {
        String value = values.get(label);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("pg_controldata printed no \"" + label + "\"");
        }
        return value;
    }
}
