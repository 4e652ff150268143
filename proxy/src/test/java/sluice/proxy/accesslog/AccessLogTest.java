package sluice.proxy.accesslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lines, and the way they take to a real file. */
@Timeout(60)
class AccessLogTest {
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-11-04T05:06:07.089Z"), ZoneId.of("Europe/Berlin"));

    @TempDir
    Path folder;

    private AccessLog open(Path file, LineForm form) throws IOException {
        return AccessLog.open(file, form, CLOCK);
    }

    /** A line for a GET; referer and agent follow in the head. */
    private static void add(LoopLog log, String target, String referer, String agent) {
        byte[] head = ("GET " + target + referer + agent).getBytes(StandardCharsets.ISO_8859_1);
        int end = 4 + target.length();
        Entry entry = log.entry();
        entry.begin("192.0.2.1".getBytes(StandardCharsets.US_ASCII), head);
        entry.line(0, 3, 4, end, "HTTP/1.1");
        entry.referer(end, end + referer.length());
        entry.userAgent(end + referer.length(), head.length);
        entry.answer(200, 12);
        entry.gate("read", 34);
        entry.upstream("old", 56);
        log.write();
    }

    private String written(LineForm form, String target, String referer, String agent) throws IOException {
        Path file = folder.resolve(form + ".log");
        try (AccessLog log = open(file, form)) {
            add(log.loopLog(), target, referer, agent);
        }
        String line = Files.readString(file, StandardCharsets.ISO_8859_1);
        Files.delete(file);
        assertThat(line).endsWith("\n");
        return line.substring(0, line.length() - 1);
    }

    @Test
    void combinedIsWhatNginxWrites() throws IOException {
        assertThat(written(LineForm.COMBINED, "/a?b=c&d", "https://a.example/", "curl/8"))
                .isEqualTo("192.0.2.1 - - [04/Nov/2026:06:06:07 +0100] \"GET /a?b=c&d HTTP/1.1\" 200 12"
                        + " \"https://a.example/\" \"curl/8\"");
    }

    @Test
    void combinedEscapesAsNginxDoes() throws IOException {
        assertThat(written(LineForm.COMBINED, "/\"\\", "\t\u007f~ ", "é\nx\r\0"))
                .contains("\"GET /\\x22\\x5C HTTP/1.1\"")
                .endsWith(" \"\\x09\\x7F~ \" \"\\xE9\\x0Ax\\x0D\\x00\"");
    }

    @Test
    void jsonIsJsonWhateverTheClientSends() throws IOException {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 256; c++) {
            all.append(c);
        }
        String line = written(LineForm.JSON, "/\"\\?q=1", "r", all.toString());
        assertThat(line.chars()).allMatch(c -> c >= ' ' && c < 0x7f);
        JsonNode json = new ObjectMapper().readTree(line);
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly(
                        "time",
                        "client",
                        "method",
                        "path",
                        "protocol",
                        "status",
                        "bytes",
                        "upstream",
                        "class",
                        "wait_ms",
                        "upstream_ms",
                        "user_agent",
                        "referer");
        assertThat(json.get("time").asText()).isEqualTo("2026-11-04T06:06:07.089+01:00");
        assertThat(json.get("path").asText()).isEqualTo("/\"\\?q=1");
        assertThat(json.get("user_agent").asText()).isEqualTo(all.toString());
        assertThat(json.get("wait_ms").asInt()).isEqualTo(34);
        assertThat(json.get("upstream_ms").asInt()).isEqualTo(56);
    }

    @Test
    void accessTokensAreNotWritten() throws IOException {
        for (LineForm form : LineForm.values()) {
            String line = written(
                    form,
                    "/api/v1/streaming?access_token=SECRET1&stream=user;access_token=SECRET2;SECRET3&%61ccess%5ftoken=SECRET4"
                            + "&x?access_token=SECRET5",
                    "https://a.example/?access_token=SECRET6",
                    "");
            assertThat(line)
                    .doesNotContain("SECRET")
                    .contains(
                            "/api/v1/streaming?access_token=-&stream=user;access_token=-&%61ccess%5ftoken=-&x?access_token=-")
                    .contains("https://a.example/?access_token=-");
            assertThat(written(
                            form,
                            "/access_token=1&access_token=2?my_access_token=3&access_tokens=4&access_token",
                            "",
                            ""))
                    .as("nothing else is touched")
                    .contains("/access_token=1&access_token=2?my_access_token=3&access_tokens=4&access_token");
        }
    }

    @Test
    void aRenamedFileIsOpenedAnew() throws Exception {
        Path file = folder.resolve("access.log");
        Path rotated = folder.resolve("access.log.1");
        try (AccessLog log = open(file, LineForm.COMBINED)) {
            LoopLog loop = log.loopLog();
            add(loop, "/before", "", "");
            loop.flush();
            await(() -> lines(file).size() == 1);
            Files.move(file, rotated);
            add(loop, "/renamed", "", "");
            loop.flush();
            await(() -> lines(rotated).size() == 2);
            log.reopen();
            await(() -> Files.exists(file));
            add(loop, "/after", "", "");
            loop.flush();
            await(() -> lines(file).size() == 1);
        }
        assertThat(lines(rotated)).hasSize(2).last().asString().contains("/renamed");
        assertThat(lines(file)).hasSize(1).first().asString().contains("/after");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .doesNotContain("x")
                .endsWith("---");
    }

    @Test
    void aFileThatIsThereIsAddedTo() throws IOException {
        Path file = folder.resolve("access.log");
        for (String target : List.of("/1", "/2")) {
            try (AccessLog log = open(file, LineForm.COMBINED)) {
                add(log.loopLog(), target, "", "");
            }
        }
        assertThat(lines(file)).hasSize(2);
    }

    @Test
    void whenTheReaderStopsLinesAreDroppedAndCountedAndNobodyWaits() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        int written = 100_000;
        // Opened for both, so that neither end waits for the other; nobody reads yet.
        try (var reader = Files.newByteChannel(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            AccessLog log = open(pipe, LineForm.COMBINED);
            LoopLog loop = log.loopLog();
            for (int i = 0; i < written; i++) {
                add(loop, "/" + i, "", "");
            }
            loop.flush();
            long dropped = log.dropped();
            assertThat(dropped).isPositive();
            assertThat(log.writeErrors()).isZero();
            // About a hundred bytes a line: what may wait is 4 MiB, and what the pipe holds.
            assertThat(written - dropped).isBetween(30_000L, 70_000L);
            Thread closing = new Thread(log::close);
            closing.start();
            long read = 0;
            java.nio.ByteBuffer buffer = java.nio.ByteBuffer.allocate(1 << 16);
            while (read < written - dropped) {
                buffer.clear();
                int n = reader.read(buffer);
                for (int i = 0; i < n; i++) {
                    read += buffer.get(i) == '\n' ? 1 : 0;
                }
            }
            closing.join();
            assertThat(read).as("every line was read or counted").isEqualTo(written - dropped);
            assertThat(log.dropped()).isEqualTo(dropped);
        }
    }

    @Test
    void aDiskThatIsFullIsCounted() throws Exception {
        try (AccessLog log = open(Path.of("/dev/full"), LineForm.COMBINED)) {
            LoopLog loop = log.loopLog();
            for (int i = 1; i <= 3; i++) {
                add(loop, "/a", "", "");
                add(loop, "/b", "", "");
                loop.flush();
                int errors = i;
                await(() -> log.writeErrors() == errors && log.dropped() == 2L * errors);
            }
        }
    }

    @Test
    void aFileThatCannotBeOpenedIsNamed() {
        assertThatThrownBy(() -> open(folder.resolve("no/access.log"), LineForm.JSON))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no/access.log");
    }

    @Test
    void standardOutput() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ToStandardOutput.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).isZero();
        assertThat(out.lines()).hasSize(1000).last().asString().contains("\"GET /999 HTTP/1.1\"");
    }

    /** Writes a thousand lines. */
    static final class ToStandardOutput {
        private ToStandardOutput() {}

        public static void main(String[] arguments) throws IOException {
            try (AccessLog log = AccessLog.open(null, LineForm.COMBINED, CLOCK)) {
                LoopLog loop = log.loopLog();
                for (int i = 0; i < 1000; i++) {
                    add(loop, "/" + i, "", "");
                }
            }
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    private static void await(BooleanSupplier condition) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("not within 20 s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
