package sluice.proxy.upstream;

import io.netty.buffer.ByteBuf;

/**
 * Who uses an upstream connection for one request. All calls come on the event loop. After a part with {@code last}, after
 * {@link #connectFailed} and after {@link #broken} nothing more is called, and the connection is no longer the caller's.
 */
public interface Caller {
    /** The connection stands: the request can be sent. Not called when {@link UpstreamConnection#ready} was so at once. */
    void connected();

    /** There is no connection, and nothing was sent. */
    void connectFailed(Throwable cause);

    /** A 1xx other than 101. The head is only good during the call. */
    void interim(ResponseHead head);

    /**
     * Asked when the head of a chunked answer has come, before {@link #answer}.
     *
     * @return whether the body is wanted without its chunks after all
     */
    default boolean bare(ResponseHead head) {
        return false;
    }

    /**
     * Trailers of a chunked answer that is wanted without its chunks. Called just before its last part.
     *
     * @param trailers not empty; only good during this call and the one for the last part
     */
    default void trailers(Trailers trailers) {}

    /**
     * The head of the answer, and what of the body came with it.
     *
     * @param head only good during the call
     * @param body to be released by the caller; a chunked body is in its chunks if so asked for
     * @param room so many bytes before the body's reader index may be overwritten: the head that was read lay there
     * @param last whether the answer is complete
     */
    void answer(ResponseHead head, ByteBuf body, int room, boolean last);

    /** More of the body, or of the tunnel; to be released by the caller. */
    void part(ByteBuf data, boolean last);

    /** There is no more to read just now. */
    void readComplete();

    /**
     * The connection broke, or the answer is not HTTP, before the answer's end.
     *
     * @param nothingRead whether not one byte of an answer came
     */
    void broken(boolean nothingRead, String why);

    /** More can be written. */
    void writable();
}
