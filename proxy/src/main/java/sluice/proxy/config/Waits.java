package sluice.proxy.config;

import static sluice.proxy.config.Quantities.duration;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/**
 * Reads how long requests may wait: {@code wait}, one duration for every class but inboxes, or a table with one for each class;
 * and {@code wait_inbox}.
 */
final class Waits {
    private static final Form<Duration> WAIT = duration(Duration.ofMillis(100), Duration.ofMinutes(10));

    private Waits() {}

    static ProxyConfig.Waits read(Table gate) {
        ProxyConfig.Waits standard = ProxyConfig.Waits.DEFAULT;
        Duration inbox = gate.get("wait_inbox", WAIT, standard.inbox());
        JsonNode wait = gate.take("wait");
        if (wait == null || !wait.isObject()) {
            return ProxyConfig.Waits.of(inbox, gate.get("wait", WAIT, standard.write()));
        }
        Table classes = gate.table("wait");
        if (classes.has("inbox") && gate.has("wait_inbox")) {
            gate.report("wait_inbox", "stands beside wait.inbox", "keep one of the two");
        }
        return new ProxyConfig.Waits(
                classes.get("inbox", WAIT, inbox),
                classes.get("media", WAIT, standard.media()),
                classes.get("write", WAIT, standard.write()),
                classes.get("read", WAIT, standard.read()),
                classes.get("stream", WAIT, standard.stream()));
    }
}
