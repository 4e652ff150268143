package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every final answer has one Date: the site's own, or the time at which it came. */
class DateLineTest {
    @TempDir
    Path directory;

    @Test
    void followsTheClockBySeconds() {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-02T03:04:05.999Z"));
        DateLine date = new DateLine(now::get);

        assertThat(date.text()).isEqualTo("Date: Fri, 02 Jan 2026 03:04:05 GMT\r\n");
        byte[] line = date.line();
        now.set(Instant.parse("2026-01-02T03:04:05.000Z"));
        assertThat(date.line()).isSameAs(line);
        now.set(Instant.parse("2026-01-02T03:04:06.000Z"));
        assertThat(date.line()).asString().isEqualTo("Date: Fri, 02 Jan 2026 03:04:06 GMT\r\n");
        assertThat(date.value().toString()).isEqualTo("Fri, 02 Jan 2026 03:04:06 GMT");
    }

    @Test
    void isAddedOnlyWhereThereIsNone() throws IOException {
        String dated = "Fri, 02 Jan 2026 03:04:05 GMT";
        try (LittleSite site = new LittleSite((request, c) -> c.send("HTTP/1.1 103 Early Hints\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                        + (request.line().contains("/dated") ? "date: " + dated + "\r\n" : "") + "\r\n"));
                Bench bench = BenchPlan.of(directory, site, site).open();
                Wire client = bench.client()) {
            assertThat(client.get("/").head()).startsWith("HTTP/1.1 103").doesNotContain("ate: ");
            assertThat(client.answer().head()).containsPattern("\r\nDate: [^\r]+ GMT\r\n");
            client.get("/dated");
            assertThat(client.answer().head())
                    .contains("\r\ndate: " + dated + "\r\n")
                    .doesNotContain("Date: ");
        }
    }
}
