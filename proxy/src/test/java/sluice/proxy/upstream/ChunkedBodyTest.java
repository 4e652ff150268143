package sluice.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkedBodyTest {
    private static final String BODY = "5\r\nhello\r\n1;a=\"b\";c\r\n \r\nA\r\nworld12345\r\n0\r\nX: y\r\nZ:\r\n\r\n";
    private static final String FRAMED = "5\r\nhello\r\n1\r\n \r\nA\r\nworld12345\r\n0\r\n";
    private static final String TRAILERS = "X: y\r\nZ: \r\n";

    @Test
    void handsOnTheContentOrTheChunksHoweverTheBytesAreCut() throws BadMessage {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            int longest = 1 + random.nextInt(BODY.length());
            assertThat(decode(BODY + "next", false, random, longest))
                    .as("seed %d", seed)
                    .isEqualTo("hello world12345");
            assertThat(decode(BODY + "next", true, random, longest))
                    .as("seed %d", seed)
                    .isEqualTo(FRAMED);
        }
    }

    private static String decode(String text, boolean framed, Random random, int longest) throws BadMessage {
        ChunkedBody body = new ChunkedBody();
        body.start(framed);
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (!body.done()) {
            int n = Math.min(text.length() - at, 1 + random.nextInt(longest));
            // A byte in front that is not the body's: nothing before the reader index may be touched.
            ByteBuf piece = Unpooled.copiedBuffer("#" + text.substring(at, at + n), StandardCharsets.US_ASCII);
            piece.skipBytes(1);
            int kept = body.decode(piece);
            out.append(piece.toString(1, kept, StandardCharsets.US_ASCII));
            assertThat(piece.getByte(0)).isEqualTo((byte) '#');
            at += body.end() - 1;
            if (!body.done()) {
                assertThat(body.end()).isEqualTo(piece.writerIndex());
            }
            piece.release();
        }
        assertThat(text.substring(at)).isEqualTo("next");
        assertThat(trailers(body)).isEqualTo(TRAILERS);
        return out.toString();
    }

    private static String trailers(ChunkedBody of) {
        ByteBuf lines = Unpooled.buffer();
        of.trailers().write(lines);
        return lines.toString(StandardCharsets.US_ASCII);
    }

    @Test
    void trailersThatWouldFrameRouteOrNameSomebodyAreLeftOut() throws BadMessage {
        String[] bad = {
            "Transfer-Encoding: chunked",
            "Content-Length: 5",
            "Host: a",
            "Connection: close",
            "TE: x",
            "Trailer: a",
            "X-Forwarded-For: 1.2.3.4",
            "X_Forwarded_For: 1.2.3.4",
            "X-Forwarded-Host: a",
            "X-Real-IP: 1.2.3.4",
            "Authorization: a",
            "Proxy-Authorization: a",
            "Cookie: a",
            "Set-Cookie: a",
            "Content-Type: text/html",
            "Content-Encoding: gzip",
            "Content-Range: a",
            "Cache-Control: a",
            "If-Match: a",
            "Expect: 100-continue",
            "CF-Connecting-IP: 1.2.3.4",
            "Forwarded: for=a",
            "Via: a",
            "Upgrade: a",
            "Location: /"
        };
        String all = String.join("\r\n", bad);
        ChunkedBody body = new ChunkedBody();
        body.start(true);
        String end = "0\r\n" + all + "\r\nDigest:\t a \r\n" + all.toLowerCase(Locale.ROOT) + "\r\n\r\n";
        ByteBuf in = Unpooled.copiedBuffer(end, StandardCharsets.US_ASCII);
        assertThat(body.decode(in)).as("the blank line is still to come").isEqualTo(3);
        assertThat(body.done()).isTrue();
        assertThat(trailers(body)).isEqualTo("Digest: a\r\n");
        in.release();

        body.start(true);
        ByteBuf none = Unpooled.copiedBuffer("0\r\n" + all + "\r\n\r\n", StandardCharsets.US_ASCII);
        assertThat(body.decode(none)).as("the blank line is there").isEqualTo(5);
        assertThat(body.trailers().isEmpty()).isTrue();
        none.release();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+2\r\nab\r\n0\r\n\r\n",
                "-2\r\nab\r\n0\r\n\r\n",
                "0x2\r\nab\r\n0\r\n\r\n",
                " 2\r\nab\r\n0\r\n\r\n",
                "2 \r\nab\r\n0\r\n\r\n",
                "\r\nab\r\n0\r\n\r\n",
                ";x\r\nab\r\n0\r\n\r\n",
                "2\nab\r\n0\r\n\r\n",
                "2\rab\r\n0\r\n\r\n",
                "2\r\nabc\r\n0\r\n\r\n",
                "2\r\nab\n0\r\n\r\n",
                "2\r\nab0\r\n\r\n",
                "2\r\nab\r0\r\n\r\n",
                "2;a\nb\r\nab\r\n0\r\n\r\n",
                "2;a\u0000\r\nab\r\n0\r\n\r\n",
                "2;\"\r\n\"\r\nab\r\n0\r\n\r\n",
                "1000000000000\r\n",
                "0000000000002\r\nab\r\n0\r\n\r\n",
                "0\r\n X: y\r\n\r\n",
                "0\r\nX : y\r\n\r\n",
                "0\r\nX\r\n\r\n",
                "0\r\nX: y\n\r\n",
                "0\r\n\n",
                "g\r\n"
            })
    void refuses(String text) {
        ChunkedBody body = new ChunkedBody();
        body.start(false);
        ByteBuf in = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> {
                    body.decode(in);
                    // Refused at the latest when the line that is too much is read.
                    assertThat(body.done()).as("taken whole").isFalse();
                })
                .isInstanceOf(BadMessage.class);
        in.release();
    }

    @Test
    void extensionsAndTrailersAreBounded() {
        for (String text :
                new String[] {"1;" + "a".repeat(5000), "0\r\nX: " + "a".repeat(9000), "0\r\n" + "X: a\r\n".repeat(65)
                }) {
            ChunkedBody body = new ChunkedBody();
            body.start(true);
            ByteBuf in = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
            assertThatThrownBy(() -> body.decode(in)).isInstanceOf(BadMessage.class);
            in.release();
        }
    }

    @Test
    void knowsTheBoundaryBetweenTwoChunks() throws BadMessage {
        ChunkedBody body = new ChunkedBody();
        body.start(true);
        String[] pieces = {"3\r", "\nab", "c\r\n", "2\r\nde", "\r\n"};
        boolean[] boundary = {false, false, true, false, true};
        for (int i = 0; i < pieces.length; i++) {
            ByteBuf in = Unpooled.copiedBuffer(pieces[i], StandardCharsets.US_ASCII);
            assertThat(body.decode(in)).isEqualTo(pieces[i].length());
            assertThat(body.atBoundary()).isEqualTo(boundary[i]);
            in.release();
        }
    }
}
