package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

class ClientHelloTest {
    @Test
    void findsTheNameHoweverTheMessageIsCut() throws Exception {
        byte[] whole = hello("Blog.Example.org");
        for (int record : new int[] {whole.length, 1000, 100, 7, 1}) {
            byte[] message = records(whole, record);
            for (int read : new int[] {message.length, 1000, 5, 1}) {
                ClientHello hello = new ClientHello();
                ByteBuf in = Unpooled.wrappedBuffer(message);
                for (int at = 0; at < message.length; at += read) {
                    int to = Math.min(at + read, message.length);
                    assertThat(hello.feed(in, at, to)).isEqualTo(to == message.length);
                    assertThat(hello.tooLong()).isFalse();
                }
                assertThat(hello.name()).isEqualTo("blog.example.org");
                assertThat(in.readerIndex()).as("nothing is read").isZero();
            }
        }
    }

    @Test
    void aClientNeedNotNameAnybody() throws Exception {
        assertThat(fed(hello(null)).name()).isNull();
    }

    @Test
    void whatIsNoClientHelloIsLeftToWhoSpeaksTls() throws Exception {
        byte[] whole = hello("blog.example.org");
        assertThat(fed("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII)).name())
                .isNull();
        assertThat(fed(with(whole, 0, 21)).name()).isNull();
        assertThat(fed(with(whole, 1, 2)).name()).isNull();
        assertThat(fed(with(whole, 5, 2)).name()).isNull();
        assertThat(fed(new byte[] {22, 3, 1, 0, 0}).name()).isNull();
        assertThat(fed(new byte[] {22, 3, 1, 0x40, 1}).name()).isNull();
    }

    @Test
    void noByteThatIsChangedGetsItOutOfBounds() throws Exception {
        byte[] whole = hello("blog.example.org");
        for (int i = 0; i < whole.length; i++) {
            for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff}) {
                ClientHello hello = new ClientHello();
                byte[] changed = with(whole, i, value);
                hello.feed(Unpooled.wrappedBuffer(changed), 0, changed.length);
                String name = hello.name();
                assertThat(name == null || name.matches("[a-z0-9._-]+")).isTrue();
            }
        }
    }

    @Test
    void aMessageThatDoesNotEndIsTooLong() {
        byte[] endless = new byte[ClientHello.LONGEST];
        byte[] record = {22, 3, 1, 0x40, 0, 1, 0, (byte) 0xff, (byte) 0xff};
        System.arraycopy(record, 0, endless, 0, record.length);
        ClientHello hello = new ClientHello();
        ByteBuf in = Unpooled.wrappedBuffer(endless);
        assertThat(hello.feed(in, 0, endless.length - 1)).isFalse();
        assertThat(hello.tooLong()).isFalse();
        assertThat(hello.feed(in, endless.length - 1, endless.length)).isFalse();
        assertThat(hello.tooLong()).isTrue();
    }

    private static ClientHello fed(byte[] bytes) {
        ClientHello hello = new ClientHello();
        assertThat(hello.feed(Unpooled.wrappedBuffer(bytes), 0, bytes.length)).isTrue();
        return hello;
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) value;
        return changed;
    }

    /** What the JDK's client begins with: one record. */
    static byte[] hello(String name) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        if (name != null) {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        return Arrays.copyOf(out.array(), out.position());
    }

    /** The same message in records of this size. */
    static byte[] records(byte[] whole, int size) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 5; at < whole.length; at += size) {
            int n = Math.min(size, whole.length - at);
            out.write(whole, 0, 3);
            out.write(n >> 8);
            out.write(n);
            out.write(whole, at, n);
        }
        return out.toByteArray();
    }
}
