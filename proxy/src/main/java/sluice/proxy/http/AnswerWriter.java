package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import sluice.proxy.upstream.ResponseHead;

/** Writes heads of answers to an HTTP/1.1 connection: head and first data in one buffer where that costs little. */
final class AnswerWriter {
    /** Up to here a head and what follows are put into one buffer, so that they leave as one TLS record. */
    private static final int SMALL = 8 << 10;

    private AnswerWriter() {}

    /** See {@link Front#answer(ResponseHead, ByteBuf, int, boolean)}. */
    static void write(
            RequestPath path,
            Http1Front front,
            ResponseHead head,
            ByteBuf data,
            int room,
            boolean chunked,
            AnswerHead.Persistence persistence) {
        byte[] out = path.scratch();
        int n = AnswerHead.write(head, path.answers().date(), chunked, persistence, out);
        if (n <= room) {
            // The head as it was read lay there: nothing is copied but the head.
            int at = data.readerIndex() - n;
            data.setBytes(at, out, 0, n);
            data.readerIndex(at);
            front.write(data);
            return;
        }
        ByteBufAllocator alloc = path.alloc();
        boolean one = data.readableBytes() <= SMALL;
        ByteBuf first = alloc.directBuffer(one ? n + data.readableBytes() : n);
        first.writeBytes(out, 0, n);
        if (one) {
            first.writeBytes(data);
            data.release();
            front.write(first);
        } else {
            front.write(first);
            front.write(data);
        }
    }

    /** A head without a body: a 1xx. */
    static void interim(RequestPath path, Http1Front front, ResponseHead head) {
        byte[] out = path.scratch();
        int n = AnswerHead.write(head, path.answers().date(), false, AnswerHead.Persistence.KEEP, out);
        front.write(path.alloc().directBuffer(n).writeBytes(out, 0, n));
    }
}
