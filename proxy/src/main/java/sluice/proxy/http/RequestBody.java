package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.upstream.BadMessage;
import sluice.proxy.upstream.ChunkedBody;

/**
 * A request's body, collected until it is complete: in memory at first, on disk when it is larger than the limit or when the
 * memory for bodies is used up. One object for a connection's requests, one after another; confined to its event loop.
 */
final class RequestBody {
    private static final Logger log = LoggerFactory.getLogger(RequestBody.class);

    /** Bytes waiting for the disk at which the client is not read any further. */
    private static final int MAX_BACKLOG = 256 << 10;

    private static final int FIRST_CAPACITY = 4 << 10;

    /** So long a body may be slower than the least rate: a start is slow on any network. */
    private static final Duration RATE_GRACE = Duration.ofSeconds(10);

    private final RequestPath path;
    private final SpoolFile.Owner owner;
    private final ChunkedBody decoder = new ChunkedBody();

    private boolean chunked;
    /** Whether its end is told by {@link #end} alone. */
    private boolean raw;

    private long left;
    private long size;
    /** When the whole body has to be there. */
    private long wholeBy;
    /** From when on the least rate counts. */
    private long rateFrom;

    private boolean received;
    private @Nullable ByteBuf memory;
    private @Nullable SpoolFile file;

    RequestBody(RequestPath path, SpoolFile.Owner owner) {
        this.path = path;
        this.owner = owner;
    }

    /**
     * Starts a body.
     *
     * @param follows whether there is one, even if it may turn out to be empty
     * @param framed whether what is read is the body as it is, until {@link #end}
     * @throws BadMessage 413 when the body is too large already by what the head says
     */
    void start(RequestHead head, boolean follows, boolean framed) throws BadMessage {
        size = 0;
        wholeBy = path.connections().deadline(path.limits().bodyTotal());
        rateFrom = path.connections().deadline(RATE_GRACE);
        raw = framed;
        chunked = head.chunked();
        left = Math.max(0, head.contentLength());
        received = !follows;
        if (left > path.limits().bodyBytes()) {
            throw tooLarge();
        }
        if (chunked && !raw) {
            decoder.start(false);
        }
    }

    private BadMessage tooLarge() {
        return new BadMessage(413, "the body is larger than " + path.limits().bodyBytes() + " bytes");
    }

    /**
     * Takes what belongs to the body, and nothing behind it.
     *
     * @return whether the body is received completely; some of it may still be on its way to the disk
     * @throws BadMessage 400 for bad chunks, 413 when it is too large, 503 when neither memory nor disk may take it
     */
    boolean read(ByteBuf in) throws BadMessage {
        if (raw) {
            int n = in.readableBytes();
            left -= chunked ? 0 : n;
            take(in, n);
        } else if (chunked) {
            int from = in.readerIndex();
            int n = decoder.decode(in);
            take(in, n);
            in.readerIndex(Math.max(from, decoder.end()));
            received = decoder.done();
        } else {
            int n = (int) Math.min(left, in.readableBytes());
            left -= n;
            take(in, n);
            received = left == 0;
        }
        return received;
    }

    /**
     * There is no more of a body whose end only its framing tells.
     *
     * @throws BadMessage when it is shorter or longer than the head says
     */
    void end() throws BadMessage {
        if (!chunked && left != 0) {
            throw new BadMessage(400, "the body is not as long as Content-Length says (RFC 9113, 8.1.1)");
        }
        received = true;
    }

    private void take(ByteBuf in, int n) throws BadMessage {
        if (n == 0) {
            return;
        }
        if (size + n > path.limits().bodyBytes()) {
            throw tooLarge();
        }
        if (file == null && fits(n)) {
            ByteBuf to = memory;
            if (to == null) {
                long expected = chunked ? n : n + left;
                to = path.alloc().directBuffer((int) Math.max(n, Math.min(expected, FIRST_CAPACITY)));
                memory = to;
            }
            to.writeBytes(in, n);
        } else {
            spool(in, n);
        }
        size += n;
    }

    private boolean fits(int n) {
        // What is known to become too large goes to the disk at once.
        long expected = chunked ? size + n : size + n + left;
        return expected <= path.limits().bodyMemory() && path.memory().reserve(n);
    }

    private void spool(ByteBuf in, int n) throws BadMessage {
        SpoolFile to = file;
        if (to == null) {
            to = path.spool().open(path.loop(), owner);
            file = to;
            ByteBuf first = memory;
            if (first != null) {
                path.memory().free(size);
                memory = null;
                append(to, first);
            }
        }
        append(to, in.readRetainedSlice(n));
    }

    private static void append(SpoolFile to, ByteBuf data) throws BadMessage {
        if (!to.append(data)) {
            throw new BadMessage(503, "the disk space for request bodies is used up");
        }
    }

    /**
     * When the client has to have sent more, in nanoseconds of the path's clock: the next byte in time, enough bytes for the least
     * rate, and the last one before the end of the time for a body.
     */
    long deadline() {
        ProxyConfig.Limits limits = path.limits();
        long next = earlier(path.connections().deadline(limits.bodyTimeout()), wholeBy);
        long rate = limits.bodyRate();
        if (rate == 0) {
            return next;
        }
        // What has come pays for so much time.
        long paid = (long) (size * (double) TimeUnit.SECONDS.toNanos(1) / rate);
        return earlier(next, rateFrom + Math.min(paid, limits.bodyTotal().toNanos()));
    }

    /** Nanosecond times may overflow. */
    private static long earlier(long one, long other) {
        return one - other < 0 ? one : other;
    }

    /** Whether everything is received, and is where it is to be. */
    boolean complete() {
        return received && (file == null || file.backlog() == 0);
    }

    boolean received() {
        return received;
    }

    /** Whether the client is not to be read until the disk has caught up. */
    boolean blocked() {
        return file != null && file.backlog() > MAX_BACKLOG;
    }

    long size() {
        return size;
    }

    /** The body, when it is in memory and not empty. Stays the body's own. */
    @Nullable
    ByteBuf memory() {
        return memory;
    }

    /** The body, when it is on disk. */
    @Nullable
    SpoolFile file() {
        return file;
    }

    /** Gives back memory and disk. */
    void release() {
        ByteBuf m = memory;
        if (m != null) {
            memory = null;
            m.release();
            path.memory().free(size);
        }
        SpoolFile f = file;
        if (f != null) {
            file = null;
            f.close();
        }
        size = 0;
        received = true;
    }

    /** What to say when the disk fails. Why is for the log: it names files of this machine. */
    static BadMessage failed(IOException cause) {
        log.warn("a request's body could not be put on disk; the client is asked to retry: {}", cause.toString());
        return new BadMessage(503, "the request's body could not be put on disk");
    }
}
