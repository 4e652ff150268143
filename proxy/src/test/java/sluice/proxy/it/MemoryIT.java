package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Large transfers through the shipped program with a heap of 64 MiB, by curl, over both protocols: an upload of 99 MB and a download of
 * 1 GB. Memory is what it was after a small one of each.
 */
@Timeout(300)
class MemoryIT {
    private static final Logger log = LoggerFactory.getLogger(MemoryIT.class);

    private static final long UPLOAD = 99_000_000;
    private static final long DOWNLOAD = 1L << 30;
    /** Much less than a hundredth of what goes through; allocators take memory in pieces. */
    private static final long GROWTH_KIB = 8 << 10;

    @TempDir
    Path folder;

    /** In KiB: the heap after a collection, what is allocated for buffers and the like outside of it, and what the process has. */
    private record Memory(long heap, long direct, long resident) {}

    @Test
    void doesNotGrowWithWhatGoesThrough() throws Exception {
        try (BulkSite site = new BulkSite();
                DistProxy proxy = DistProxy.runWith(
                        "-Xmx64m -XX:NativeMemoryTracking=summary", Configs.tls(folder, site.uri(), site.uri(), ""))) {
            String base = "https://localhost:" + proxy.port("https");
            for (String protocol : List.of("--http1.1", "--http2")) {
                // Code, pools and caches.
                upload(protocol, base, UPLOAD / 11);
                download(protocol, base, DOWNLOAD / 16);
            }
            Memory before = memory(proxy);
            List<Long> peaks = new ArrayList<>();
            for (String protocol : List.of("--http1.1", "--http2")) {
                peaks.add(during(proxy, () -> upload(protocol, base, UPLOAD)));
                peaks.add(during(proxy, () -> download(protocol, base, DOWNLOAD)));
            }
            Memory after = memory(proxy);
            log.info("before {}, after {}, resident at most {} KiB", before, after, peaks);
            assertThat(after.heap() - before.heap()).as("heap").isLessThan(GROWTH_KIB);
            assertThat(after.direct() - before.direct()).as("direct").isLessThan(GROWTH_KIB);
            // A young generation that was not full before may have become it.
            assertThat(peaks)
                    .as("resident, before %s", before)
                    .allMatch(kib -> kib - before.resident() < 3 * GROWTH_KIB);
        }
    }

    private void upload(String protocol, String base, long bytes) throws Exception {
        Path file = folder.resolve("upload-" + bytes);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(bytes);
        }
        String answer = Program.said(
                "curl",
                "-sS",
                "--cacert",
                Configs.certificate(folder).toString(),
                protocol,
                "--upload-file",
                file.toString(),
                base + "/api/v2/media");
        assertThat(answer).isEqualTo(Long.toString(bytes));
    }

    private void download(String protocol, String base, long bytes) throws Exception {
        String said = Program.said(
                "curl",
                "-sS",
                "--cacert",
                Configs.certificate(folder).toString(),
                protocol,
                "-o",
                "/dev/null",
                "-w",
                "%{size_download} %{http_version}",
                base + "/bulk/" + bytes);
        assertThat(said).isEqualTo(bytes + (protocol.equals("--http2") ? " 2" : " 1.1"));
    }

    private interface Transfer {
        void run() throws Exception;
    }

    /** The most that was resident meanwhile. */
    private static long during(DistProxy proxy, Transfer transfer) throws Exception {
        Thread[] watched = new Thread[1];
        long[] most = {proxy.residentKib()};
        boolean[] over = {false};
        Object lock = new Object();
        watched[0] = new Thread(
                () -> {
                    synchronized (lock) {
                        while (!over[0]) {
                            try {
                                most[0] = Math.max(most[0], proxy.residentKib());
                                lock.wait(100);
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        }
                    }
                },
                "watch");
        watched[0].start();
        try {
            transfer.run();
        } finally {
            synchronized (lock) {
                over[0] = true;
                lock.notifyAll();
            }
            watched[0].join();
        }
        return most[0];
    }

    private static Memory memory(DistProxy proxy) throws Exception {
        proxy.collectGarbage();
        return new Memory(
                number("used (\\d+)K", proxy.asked("GC.heap_info")),
                number("Other \\(reserved=\\d+KB, committed=(\\d+)KB", proxy.asked("VM.native_memory", "summary")),
                proxy.residentKib());
    }

    /** The sum of what the pattern finds. */
    private static long number(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        long sum = 0;
        boolean found = false;
        while (matcher.find()) {
            found = true;
            sum += Long.parseLong(matcher.group(1));
        }
        assertThat(found).as(text).isTrue();
        return sum;
    }
}
