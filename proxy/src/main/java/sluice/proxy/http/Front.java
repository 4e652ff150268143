package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import sluice.proxy.upstream.ResponseHead;

/**
 * The client's side of an {@link Exchange}, whatever version of HTTP the client speaks. The exchange and its relay say what happens
 * to the request; how that looks on the wire is the front's own matter. Confined to its event loop.
 */
interface Front {
    /** The request, as far as it was read; null between two of them. */
    @Nullable
    RequestHead head();

    /** The client's address as text in ASCII. */
    byte[] clientAddress(RequestHead head);

    /** Whether the client speaks https. */
    boolean tls();

    /** Whether one more request of this connection may wait at the gate. */
    boolean mayWait();

    /** Says 100 (RFC 9110 10.1.1), at once. */
    void goOn();

    /** Whether a body follows a request's head, or may still. */
    default boolean bodyFollows(RequestHead head) {
        return head.hasBody();
    }

    /** The body is to be read. */
    void readBody();

    /** The body is complete: the client is only watched. */
    void bodyRead();

    /** The answer was made before the request was read to its end. */
    void requestUnread();

    /** What {@link Exchange#bodyBlocked} or {@link Exchange#tunnelWritable} says may have changed. */
    void updateReading();

    /** From now on everything that the client sends goes to {@link Exchange#fromClient}. */
    void tunnel();

    /** Whether frames tell the end of a request's body: {@link Exchange#bodyEnded}, and nothing in its bytes. */
    boolean framed();

    /** Whether a body without a length goes to the client in the chunks in which it came. */
    boolean chunks();

    /** Whether the client can tell the end of such a body without the end of its connection. */
    boolean delimits(ResponseHead.Framing framing);

    /**
     * Passes on a 1xx other than 101, unless the client's version has none.
     *
     * @return whether anything was written
     */
    boolean interim(ResponseHead head);

    /**
     * Passes on the head of an upstream's answer, and the first of its body.
     *
     * @param head only good during the call
     * @param data taken over; in its chunks if {@link #chunks} says so
     * @param room so many bytes before the data's reader index may be overwritten
     * @param keep whether the connection is to stay
     */
    void answer(ResponseHead head, ByteBuf data, int room, boolean keep);

    /** Writes an answer that the proxy gave by itself, as HTTP/1.1: its head, and what of its body there is. Takes it over. */
    void answer(ByteBuf made);

    /** More of the body, or of the tunnel; takes it over. */
    void write(ByteBuf data);

    /** What was written goes out. */
    void flush();

    /** Whether more can be written without piling up. When that has become so again, {@link Exchange#clientWritable} is called. */
    boolean writable();

    /** When the upstream, or the client, has to have done something; else {@link Exchange#timeout} is called. */
    void deadline(Duration timeout);

    void noDeadline();

    /** The request has ended and its answer is written; the next one may come. */
    void next();

    /** The request has ended, and its answer is written: nothing more may come behind it. */
    void finish();

    /** The answer cannot be completed: the client has to see that. */
    void abort();
}
