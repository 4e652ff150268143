package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Header lists that Netty would let through, were it not for its own checks: these here stand by themselves. */
class Http2RequestHeadTest {
    private static Http2Headers headers(String... more) {
        Http2Headers headers = new DefaultHttp2Headers(false);
        headers.method("GET").scheme("https").path("/").authority("a.b");
        for (int i = 0; i < more.length; i += 2) {
            if (more[i].startsWith(":")) {
                headers.set(more[i], more[i + 1]);
            } else {
                headers.add(more[i], more[i + 1]);
            }
        }
        return headers;
    }

    private static String written(Http2Headers headers, boolean complete) throws Http2Exception {
        byte[] out = new byte[4096];
        int n = Http2RequestHead.write(1, headers, complete, out);
        return new String(out, 0, n, StandardCharsets.ISO_8859_1);
    }

    @Test
    void writesARequestAsHttp11HasIt() throws Exception {
        assertThat(written(headers("a", "1", "cookie", "x=1", "b", "", "cookie", "y=2", "host", "A.B"), true))
                .isEqualTo("GET / HTTP/1.1\r\nhost: a.b\r\na: 1\r\nb: \r\ncookie: x=1; y=2\r\n\r\n");
        assertThat(written(headers(), false))
                .isEqualTo("GET / HTTP/1.1\r\nhost: a.b\r\ntransfer-encoding: chunked\r\n\r\n");
        assertThat(written(headers("content-length", "5"), false))
                .isEqualTo("GET / HTTP/1.1\r\nhost: a.b\r\ncontent-length: 5\r\n\r\n");
    }

    @Test
    void noByteOfAnythingCanEndALine() {
        for (int c = 0; c < 256; c++) {
            boolean ends = c == '\r' || c == '\n' || c == 0;
            String bad = "x" + (char) c + "y";
            for (String[] more : new String[][] {
                {":method", bad},
                {":path", "/" + bad},
                {":authority", bad},
                {":scheme", bad},
                {bad, "1"},
                {"a", bad},
                {"cookie", bad},
                {"host", bad}
            }) {
                if (ends) {
                    assertThatThrownBy(() -> written(headers(more), true))
                            .as("%s with byte %s", more[0], c)
                            .isInstanceOf(Http2Exception.class)
                            .satisfies(e ->
                                    assertThat(((Http2Exception) e).error()).isEqualTo(Http2Error.PROTOCOL_ERROR));
                }
            }
        }
    }

    @Test
    void aBlankInARequestLineIsNone() {
        for (String[] more : new String[][] {{":method", "GET /"}, {":path", "/ HTTP/1.1"}, {":path", "/\ta"}}) {
            assertThatThrownBy(() -> written(headers(more), true)).isInstanceOf(Http2Exception.class);
        }
    }

    /** Whatever comes: it is refused, or it is one head for the parser, which has as many lines as there are fields. */
    @Test
    void whateverComesIsOneHeadOrNone() throws Exception {
        Random random = new Random(7);
        String[] names = {":method", ":path", ":authority", "a", "cookie", "host", "content-length", "te", "x y", ""};
        int accepted = 0;
        for (int round = 0; round < 20_000; round++) {
            List<String> more = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                StringBuilder value = new StringBuilder(random.nextInt(3) == 0 ? "/" : "");
                for (int n = random.nextInt(4); n > 0; n--) {
                    value.append((char) (random.nextInt(4) == 0 ? random.nextInt(256) : 'a' + random.nextInt(26)));
                }
                more.add(names[random.nextInt(names.length)]);
                more.add(value.toString());
            }
            Http2Headers headers = headers(more.toArray(new String[0]));
            String text;
            try {
                text = written(headers, true);
            } catch (Http2Exception refused) {
                continue;
            }
            accepted++;
            int cookies = headers.getAll("cookie").size();
            int hosts = headers.getAll("host").size();
            int lines = headers.size() - 4 - Math.max(0, cookies - 1) - hosts + 2;
            assertThat(text.split("\r\n", -1)).as(text).hasSize(lines + 2);
            RequestHead head = new RequestHead(4096);
            try {
                var in = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
                assertThat(head.feed(in)).isTrue();
                assertThat(in.isReadable())
                        .as("nothing is left for a second request")
                        .isFalse();
            } catch (sluice.proxy.upstream.BadMessage refusedByTheParser) {
                assertThat(refusedByTheParser.status()).isEqualTo(400);
            }
        }
        assertThat(accepted).isGreaterThan(1000);
    }
}
