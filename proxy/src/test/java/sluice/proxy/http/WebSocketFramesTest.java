package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WebSocketFramesTest {
    private final WebSocketFrames frames = new WebSocketFrames();

    private int advance(boolean stop, int... bytes) {
        ByteBuf data = Unpooled.buffer(bytes.length);
        for (int b : bytes) {
            data.writeByte(b);
        }
        return frames.advance(data, stop);
    }

    @Test
    void followsEveryFormOfLength() {
        assertThat(advance(true, 0x81, 2, 'h', 'i', 0x81)).isEqualTo(4);
        assertThat(advance(true, 0x82, 0)).as("empty").isEqualTo(2);
        assertThat(advance(false, 0x82, 0x80 | 1, 1, 2, 3)).isEqualTo(-1);
        assertThat(frames.atBoundary()).as("a masked byte is missing").isFalse();
        assertThat(advance(true, 4, 5, 6)).isEqualTo(2);
        advance(false, 0x82, 126, 1, 0);
        advance(false, new int[255]);
        assertThat(frames.atBoundary()).isFalse();
        assertThat(advance(true, 0)).isEqualTo(1);
        assertThat(advance(true, 0x82, 127, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2)).isEqualTo(12);
        assertThat(frames.closed()).isFalse();
        assertThat(advance(true, 0x88, 0)).isEqualTo(2);
        assertThat(frames.closed()).isTrue();
    }

    @Test
    void aLengthThatCannotBeNeverEnds() {
        advance(false, 0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0);
        assertThat(advance(true, 1, 2, 3)).isEqualTo(-1);
        assertThat(frames.atBoundary()).isFalse();
    }

    @Test
    void whateverComesItGoesOn() {
        Random random = new Random(5);
        byte[] any = new byte[1 << 16];
        for (int i = 0; i < 200; i++) {
            random.nextBytes(any);
            new WebSocketFrames().advance(Unpooled.wrappedBuffer(any), random.nextBoolean());
        }
    }
}
