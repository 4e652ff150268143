package sluice.proxy.leak;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

/** Leaks on purpose: the detector finds it. */
class LeakRecorderTest {
    @Test
    void aBufferThatIsNotReleasedIsFound() throws InterruptedException {
        leak();
        assertThat(LeakRecorder.leaks()).singleElement().asString().contains("LEAK: ", "LeakRecorderTest.leak(");
        assertThat(LeakRecorder.leaks()).as("told once").isEmpty();
    }

    private static void leak() {
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(16);
        buffer.writeLong(1);
    }

    @Test
    void aBufferThatIsReleasedIsNone() throws InterruptedException {
        PooledByteBufAllocator.DEFAULT.directBuffer(16).writeLong(1).release();
        assertThat(LeakRecorder.leaks()).isEmpty();
    }
}
