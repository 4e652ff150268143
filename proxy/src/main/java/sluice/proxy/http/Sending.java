package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.proxy.gate.Passage;
import sluice.proxy.upstream.UpstreamConnection;

/** The way of a {@link Relay}'s request to its upstream: the head, and the body from memory or part by part from the disk. */
final class Sending {
    private static final int PART = 64 << 10;
    /** Up to here head and body are put into one buffer, so that they leave as one TLS record. */
    private static final int SMALL = 8 << 10;

    private final RequestPath path;
    private final Front front;

    private @Nullable RequestBody body;
    private @Nullable UpstreamConnection to;
    private long sent;
    private boolean asked;

    Sending(RequestPath path, Front front) {
        this.path = path;
        this.front = front;
    }

    /** Another request, which may have to be sent more than once. */
    void reset(RequestBody complete) {
        body = complete;
        to = null;
    }

    /**
     * Sends the request.
     *
     * @param elsewhere whether it goes to a side that is not active
     */
    void start(RequestHead head, Passage passage, UpstreamConnection upstream, boolean elsewhere) {
        to = upstream;
        RequestBody complete = body;
        long size = complete == null ? 0 : complete.size();
        byte[] out = path.scratch();
        int n = UpstreamRequest.write(
                head,
                front.clientAddress(head),
                front.tls(),
                size,
                TimeUnit.NANOSECONDS.toMillis(passage.waitedNanos()),
                elsewhere,
                out);
        ByteBuf memory = complete == null ? null : complete.memory();
        int inline = memory == null || memory.readableBytes() > SMALL ? 0 : memory.readableBytes();
        ByteBuf first = path.alloc().directBuffer(n + inline);
        first.writeBytes(out, 0, n);
        ByteBuf second = null;
        if (memory != null) {
            if (inline > 0) {
                first.writeBytes(memory, memory.readerIndex(), inline);
            } else {
                second = memory.retainedDuplicate();
            }
        }
        boolean spooled = complete != null && complete.file() != null;
        path.gate().sending(passage);
        front.deadline(path.limits().upstreamRead());
        upstream.send(first, second, !spooled, head.headMethod(), head.upgrade(), front.chunks());
        if (spooled) {
            sent = 0;
            asked = false;
            goOn();
        }
    }

    /** More of a body on disk may be sent. */
    void goOn() {
        UpstreamConnection upstream = to;
        SpoolFile file = body == null ? null : body.file();
        if (upstream == null || file == null || asked || sent == file.size() || !upstream.writable()) {
            return;
        }
        asked = true;
        file.read(path.alloc(), sent, (int) Math.min(PART, file.size() - sent));
    }

    /** A part of the body has come from the disk; takes it over. */
    void part(ByteBuf data) {
        asked = false;
        UpstreamConnection upstream = to;
        SpoolFile file = body == null ? null : body.file();
        if (upstream == null || file == null) {
            data.release();
            return;
        }
        sent += data.readableBytes();
        front.deadline(path.limits().upstreamRead());
        upstream.write(data, sent == file.size());
        goOn();
    }

    /** The upstream connection is no longer ours. */
    void stop() {
        to = null;
    }
}
