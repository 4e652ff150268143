package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.Network;
import sluice.proxy.route.Preview;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/** Who is chosen by a preview, on real sockets. */
@Timeout(60)
class PreviewPathTest {
    @TempDir
    Path directory;

    private final LittleSite old = LittleSite.ok();
    private final LittleSite next = LittleSite.ok();
    private Bench bench;

    @BeforeEach
    void start() throws IOException {
        bench = new Bench(directory, old, next);
    }

    @AfterEach
    void close() throws IOException {
        old.close();
        next.close();
        bench.close();
    }

    private void by(String cookie, String header, String network) {
        bench.preview(new Preview(Side.NEW, cookie, header, network == null ? null : Network.parse(network)));
    }

    /** Whether a request with these header lines goes to the new side. */
    private boolean chosen(String... lines) throws IOException {
        int before = next.requests().size();
        int both = before + old.requests().size();
        try (Wire client = bench.client()) {
            StringBuilder request = new StringBuilder("GET / HTTP/1.1\r\nHost: a\r\n");
            for (String line : lines) {
                request.append(line).append("\r\n");
            }
            client.send(request + "\r\n");
            assertThat(client.answer().text()).isEqualTo("ok");
        }
        assertThat(next.requests().size() + old.requests().size()).isEqualTo(both + 1);
        return next.requests().size() > before;
    }

    @Test
    void a_cookie_chooses_by_name_and_value() throws IOException {
        by("sluice=new", null, null);

        assertThat(chosen("Cookie: sluice=new")).isTrue();
        assertThat(chosen("cookie: a=b; sluice=new;c=d")).isTrue();
        assertThat(chosen("Cookie: a=b", "Cookie: c=d ;\tsluice=new")).isTrue();
        for (String other : new String[] {
            "sluice=old",
            "sluice=newer",
            "xsluice=new",
            "Sluice=new",
            "sluice=NEW",
            "a=sluice=new",
            "sluice",
            ";;",
            "a="
        }) {
            assertThat(chosen("Cookie: " + other)).as(other).isFalse();
        }
        assertThat(chosen("X-Cookie: sluice=new")).isFalse();
        assertThat(chosen()).isFalse();
    }

    @Test
    void a_header_chooses_by_its_whole_value() throws IOException {
        by(null, "X-Preview: yes please", null);

        assertThat(chosen("x-preview:yes please ")).isTrue();
        assertThat(chosen("X-Preview: no", "X-Preview: yes please")).isTrue();
        assertThat(chosen("X-Preview: yes")).isFalse();
        assertThat(chosen("X-Preview: Yes please")).isFalse();
        assertThat(chosen("X-Previews: yes please")).isFalse();
    }

    @Test
    void a_network_chooses_by_the_clients_address() throws IOException {
        by(null, null, "127.0.0.0/8");
        assertThat(chosen()).isTrue();

        by(null, null, "203.0.113.0/24");
        assertThat(chosen()).isFalse();
    }

    @Test
    void any_mark_will_do() throws IOException {
        by("sluice=new", "X-Preview: yes", "203.0.113.0/24");

        assertThat(chosen("X-Preview: yes")).isTrue();
        assertThat(chosen("Cookie: sluice=new")).isTrue();
        assertThat(chosen("Cookie: sluice=old")).isFalse();
    }

    @Test
    void writes_go_there_too_and_a_connection_serves_both_sides() throws IOException {
        by("sluice=new", null, null);
        try (Wire client = bench.client()) {
            client.send(
                    "POST /api/v1/statuses HTTP/1.1\r\nHost: a\r\nCookie: sluice=new\r\nContent-Length: 3\r\n\r\nabc"
                            + "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.answer().text()).isEqualTo("ok");
            assertThat(client.answer().text()).isEqualTo("ok");
        }
        assertThat(next.requests()).hasSize(1);
        assertThat(next.requests().get(0).body()).asString().isEqualTo("abc");
        assertThat(old.requests()).hasSize(1);
    }

    @Test
    void nobody_is_chosen_in_a_hold_nor_after_a_flip_nor_after_its_end() throws IOException {
        by("sluice=new", null, null);
        bench.hold(Scope.WRITES);
        assertThat(chosen("Cookie: sluice=new")).isFalse();
        bench.release(null);
        assertThat(chosen("Cookie: sluice=new")).isTrue();

        bench.flip(Side.NEW);
        bench.flip(Side.OLD);
        assertThat(chosen("Cookie: sluice=new")).isFalse();

        by("sluice=new", null, null);
        bench.preview(null);
        assertThat(chosen("Cookie: sluice=new")).isFalse();
    }

    @Test
    void a_failure_there_is_shown_as_it_is() throws IOException {
        by("sluice=new", null, null);
        next.close();
        try (Wire client = bench.client()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\nCookie: sluice=new\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(502);
        }
        assertThat(old.requests()).isEmpty();
    }
}
