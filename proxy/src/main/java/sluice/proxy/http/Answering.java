package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import sluice.proxy.gate.Passage;
import sluice.proxy.upstream.ResponseHead;
import sluice.proxy.upstream.UpstreamConnection;

/** The way of a {@link Relay}'s answer to the client: head, body or stream, no faster than the client takes it. */
final class Answering {
    private final RequestPath path;
    private final Front front;
    private final Relay relay;

    private @Nullable OpenStream stream;
    /** What compresses the answer, if something does. */
    private @Nullable Zip zip;

    /** Whether anything of the answer went to the client. */
    private boolean begun;
    /** Whether the upstream is not read because the client is slow. */
    private boolean paused;

    private boolean keep;

    Answering(RequestPath path, Front front, Relay relay) {
        this.path = path;
        this.front = front;
        this.relay = relay;
    }

    /** Another request. */
    void reset() {
        begun = false;
        paused = false;
    }

    boolean begun() {
        return begun;
    }

    boolean paused() {
        return paused;
    }

    /** Whether the client's connection stays. */
    boolean keep() {
        return keep;
    }

    boolean isStream() {
        return stream != null;
    }

    /** Whether the client gets another body than the site's, for which its trailers are not meant. */
    boolean changed() {
        return zip != null;
    }

    void interim(ResponseHead head) {
        if (front.interim(head)) {
            begun = true;
            front.flush();
        }
    }

    /** The head, and the first of the body; takes that over. */
    void start(
            RequestHead request,
            ResponseHead head,
            ResponseHead.Framing framing,
            ByteBuf data,
            int room,
            boolean mayKeep,
            boolean last) {
        begun = true;
        Zipping zipping = path.zipping();
        Zipping.Verdict verdict = zipping == null ? Zipping.Verdict.AS_IS : zipping.judge(request, head);
        if (zipping != null && verdict != Zipping.Verdict.AS_IS) {
            startChanged(zipping, verdict, request, head, framing, data, mayKeep, last);
            return;
        }
        keep = mayKeep && front.delimits(framing);
        front.answer(head, data, room, keep);
    }

    /** With another head, and perhaps another body, than the site's. */
    private void startChanged(
            Zipping zipping,
            Zipping.Verdict verdict,
            RequestHead request,
            ResponseHead head,
            ResponseHead.Framing framing,
            ByteBuf data,
            boolean mayKeep,
            boolean last) {
        ResponseHead changed = zipping.changed(head, verdict);
        ByteBuf body = data;
        if (verdict == Zipping.Verdict.ZIPPED && framing != ResponseHead.Framing.NONE) {
            Zip taken = zipping.take(front.chunks());
            zip = taken;
            body = taken.add(path.alloc(), data, last);
        }
        keep = mayKeep && front.delimits(changed.framing(request.headMethod()));
        front.answer(changed, body, 0, keep);
    }

    /** Whether a chunked body is wanted without its chunks. */
    boolean bare(RequestHead request, ResponseHead head) {
        Zipping zipping = path.zipping();
        return zipping != null && zipping.judge(request, head) == Zipping.Verdict.ZIPPED;
    }

    /** What follows is a stream. */
    void open(Passage passage, UpstreamConnection upstream, boolean webSocket, ResponseHead.Framing framing) {
        OpenStream opened = new OpenStream(path, front, relay, upstream, webSocket, framing);
        stream = opened;
        path.gate().streamOpened(passage, opened);
        if (framing == ResponseHead.Framing.TUNNEL) {
            front.tunnel();
        }
    }

    /**
     * More of the body or of the stream; takes it over.
     *
     * @return whether it goes on: false when that was the end of a stream that had to end
     */
    boolean part(ByteBuf data, boolean last) {
        OpenStream open = stream;
        if (open == null) {
            Zip z = zip;
            front.write(z == null ? data : z.add(path.alloc(), data, last));
            return true;
        }
        open.fromUpstream(data);
        return stream != null;
    }

    /** Back-pressure, after something was written. */
    void pace(UpstreamConnection from) {
        boolean on = front.writable();
        paused = !on;
        from.reading(on);
        OpenStream open = stream;
        if (open == null || !open.closing()) {
            front.deadline(on ? path.limits().upstreamRead() : path.limits().clientIdle());
        }
    }

    /** The client takes more, or has gone and what comes is thrown away. */
    void resume(UpstreamConnection from) {
        paused = false;
        from.reading(true);
        front.deadline(path.limits().upstreamRead());
    }

    /** A stream has to end; anything else may go on. */
    void stop() {
        OpenStream open = stream;
        if (open != null) {
            open.close();
        }
    }

    /** The answer is over: there is no stream any more, if there was one. */
    void ended() {
        OpenStream open = stream;
        if (open != null) {
            stream = null;
            open.ended();
            path.gate().streamClosed(open);
        }
        Zip z = zip;
        Zipping zipping = path.zipping();
        if (z != null && zipping != null) {
            zip = null;
            zipping.give(z);
        }
    }
}
