package sluice.control.redis;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sluice.control.redis.RedisServer.View;

/** The answer to {@code INFO}: {@code field:value}, one a line. */
record RedisInfo(Map<String, String> fields) {
    static RedisInfo parse(String text) {
        Map<String, String> fields = new HashMap<>();
        text.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        });
        return new RedisInfo(fields);
    }

    /** @param fenced in memory and on disk */
    View view(boolean fenced) {
        boolean master = master();
        return new View(
                master,
                runId(),
                offset(),
                !master && need("master_link_status").equals("up"),
                !master && !need("master_sync_in_progress").equals("0"),
                fenced,
                following());
    }

    boolean master() {
        return switch (need("role")) {
            case "master" -> true;
            case "slave", "replica" -> false;
            default -> throw new IllegalArgumentException("INFO shows an unknown role: " + need("role"));
        };
    }

    /** Of a replica what it has processed; of a master what it has sent. */
    long offset() {
        // Before its first copy a replica has none.
        String offset = master() ? need("master_repl_offset") : fields.getOrDefault("slave_repl_offset", "-1");
        return Long.parseLong(offset);
    }

    /** Empty when it was started without one. */
    String configFile() {
        return need("config_file");
    }

    String runId() {
        return need("run_id");
    }

    private @Nullable String following() {
        return master() ? null : need("master_host") + ":" + need("master_port");
    }

    private String need(String field) {
        String value = fields.get(field);
        if (value == null) {
            throw new IllegalArgumentException("INFO shows no " + field);
        }
        return value;
    }
}
