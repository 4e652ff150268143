package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import sluice.proxy.accesslog.Entry;
import sluice.proxy.gate.Passage;
import sluice.proxy.route.RequestClass;
import sluice.proxy.upstream.ResponseHead;

/**
 * A {@link Front} that notes what its client is answered, for the access log. Only there when there is such a log. Confined to its
 * event loop.
 */
final class RecordedFront implements Front {
    /** nginx's own: the client closed before there was an answer. */
    private static final int CLIENT_CLOSED = 499;

    /** Where the status is in {@code HTTP/1.1 200}. */
    private static final int STATUS_AT = 9;

    private final RequestPath path;
    private final Front front;
    private final RequestLog log;
    private int status;
    private long bytes;

    RecordedFront(RequestPath path, Front front, RequestLog log) {
        this.path = path;
        this.front = front;
        this.log = log;
    }

    /**
     * The request is over, and its head still there: writes its line.
     *
     * @param requestClass null when nobody found one out
     * @param passage null when the gate was not asked
     * @param relay null when the answer is not an upstream's
     */
    void over(@Nullable RequestClass requestClass, @Nullable Passage passage, @Nullable Relay relay) {
        RequestHead head = front.head();
        if (head != null) {
            Entry entry = log.begin(front.clientAddress(head), head, front.framed());
            entry.answer(status == 0 ? CLIENT_CLOSED : status, bytes);
            if (requestClass != null) {
                entry.gate(requestClass.label(), passage == null ? 0 : RequestLog.millis(passage.waitedNanos()));
            }
            if (relay != null) {
                entry.upstream(relay.side().label(), RequestLog.millis(path.now() - relay.startedAt()));
            }
            log.write();
        }
        status = 0;
        bytes = 0;
    }

    /** The status of an answer that the proxy made by itself. */
    static int status(ByteBuf made) {
        int at = made.readerIndex() + STATUS_AT;
        return (made.getByte(at) - '0') * 100 + (made.getByte(at + 1) - '0') * 10 + made.getByte(at + 2) - '0';
    }

    /** How many bytes of an answer that the proxy made by itself are behind its head. */
    static int bodyBytes(ByteBuf made) {
        int end = made.writerIndex();
        for (int i = made.readerIndex(); i + 3 < end; i++) {
            if (made.getByte(i) == '\r' && made.getByte(i + 2) == '\r' && made.getByte(i + 3) == '\n') {
                return end - i - 4;
            }
        }
        return 0;
    }

    @Override
    public void answer(ResponseHead head, ByteBuf data, int room, boolean keep) {
        status = head.status();
        bytes += data.readableBytes();
        front.answer(head, data, room, keep);
    }

    @Override
    public void answer(ByteBuf made) {
        status = status(made);
        bytes += bodyBytes(made);
        front.answer(made);
    }

    @Override
    public void write(ByteBuf data) {
        bytes += data.readableBytes();
        front.write(data);
    }

    @Override
    public @Nullable RequestHead head() {
        return front.head();
    }

    @Override
    public byte[] clientAddress(RequestHead head) {
        return front.clientAddress(head);
    }

    @Override
    public boolean tls() {
        return front.tls();
    }

    @Override
    public boolean mayWait() {
        return front.mayWait();
    }

    @Override
    public void goOn() {
        front.goOn();
    }

    @Override
    public void readBody() {
        front.readBody();
    }

    @Override
    public boolean bodyFollows(RequestHead head) {
        return front.bodyFollows(head);
    }

    @Override
    public void bodyRead() {
        front.bodyRead();
    }

    @Override
    public void requestUnread() {
        front.requestUnread();
    }

    @Override
    public void updateReading() {
        front.updateReading();
    }

    @Override
    public void tunnel() {
        front.tunnel();
    }

    @Override
    public boolean framed() {
        return front.framed();
    }

    @Override
    public boolean chunks() {
        return front.chunks();
    }

    @Override
    public boolean delimits(ResponseHead.Framing framing) {
        return front.delimits(framing);
    }

    @Override
    public boolean interim(ResponseHead head) {
        return front.interim(head);
    }

    @Override
    public void flush() {
        front.flush();
    }

    @Override
    public boolean writable() {
        return front.writable();
    }

    @Override
    public void deadline(Duration timeout) {
        front.deadline(timeout);
    }

    @Override
    public void noDeadline() {
        front.noDeadline();
    }

    @Override
    public void next() {
        front.next();
    }

    @Override
    public void finish() {
        front.finish();
    }

    @Override
    public void abort() {
        front.abort();
    }
}
