package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.io.IOException;
import java.nio.channels.GatheringByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that takes no more of the bodies: its one thread hangs in a write. */
@Timeout(60)
class SlowDiskTest {
    private static final Duration TOO_LONG = Duration.ofSeconds(62);

    @TempDir
    Path directory;

    private final LittleSite site = LittleSite.ok();
    private final CountDownLatch disk = new CountDownLatch(1);
    private Bench bench;

    @BeforeEach
    void start() throws IOException {
        bench = new Bench(directory, site, site);
        boolean taken = bench.onLoop(
                () -> bench.spool.open(bench.path.loop(), new Nobody()).append(new Hanging(disk)));
        assertThat(taken).isTrue();
    }

    @AfterEach
    void close() throws IOException {
        disk.countDown();
        bench.close();
        site.close();
    }

    @Test
    void aBodyThatItDoesNotTakeIsRefusedInTime() throws Exception {
        for (int size : new int[] {100_000, 10_000_000}) {
            try (Wire client = bench.client()) {
                sending(client, size);
                bench.await(s -> bench.spool.used() > Math.min(size, 256 << 10));
                bench.pass(TOO_LONG);
                assertThat(client.answer().status()).as("of %d bytes", size).isEqualTo(503);
            }
        }
        try (Http2Wire client = new Http2Wire(bench.listenTls())) {
            int stream = client.request("POST", "/inbox", false);
            long before = bench.spool.used();
            for (int i = 0; i < 10; i++) {
                client.data(stream, "x".repeat(10_000), i == 9);
            }
            bench.await(s -> bench.spool.used() >= before + 100_000);
            bench.pass(TOO_LONG);
            assertThat(client.answer(stream).status()).isEqualTo(503);
        }
        assertThat(site.requests()).isEmpty();
        disk.countDown();
        bench.await(s -> bench.spool.used() <= 1);
        try (Wire client = bench.client()) {
            assertThat(client.post("/inbox", "x".repeat(100_000)).text()).isEqualTo("ok");
        }
    }

    private static void sending(Wire client, int size) {
        Thread sender = new Thread(() -> {
            try {
                client.send(
                        "POST /inbox HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n" + "x".repeat(size));
            } catch (IOException e) {
                // It was refused, as it is to be.
            }
        });
        sender.setDaemon(true);
        sender.start();
    }

    /** One byte whose write takes until the test says so. */
    private static final class Hanging extends UnpooledHeapByteBuf {
        private final CountDownLatch disk;

        Hanging(CountDownLatch disk) {
            super(UnpooledByteBufAllocator.DEFAULT, new byte[1], 1);
            this.disk = disk;
        }

        @Override
        public int readBytes(GatheringByteChannel out, int length) throws IOException {
            try {
                disk.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return super.readBytes(out, length);
        }
    }

    private static final class Nobody implements SpoolFile.Owner {
        @Override
        public void spooled() {}

        @Override
        public void read(ByteBuf data) {
            data.release();
        }

        @Override
        public void spoolFailed(IOException cause) {}
    }
}
