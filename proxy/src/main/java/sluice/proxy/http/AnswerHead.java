package sluice.proxy.http;

import sluice.proxy.upstream.Field;
import sluice.proxy.upstream.Octets;
import sluice.proxy.upstream.ResponseHead;

/** Writes the head of an upstream's answer for the client: normalised, without what was for the upstream's connection only. */
final class AnswerHead {
    /** What to say about the client's connection. */
    enum Persistence {
        /** It stays, as HTTP/1.1 has it: nothing is said. */
        KEEP,
        /** It stays, and an HTTP/1.0 client has to be told. */
        KEEP_OLD,
        CLOSE,
        /** 101. */
        UPGRADE
    }

    private static final byte[] VERSION = Octets.of("HTTP/1.1 ");
    private static final byte[] CLOSE = Octets.of("Connection: close\r\n\r\n");
    private static final byte[] KEEP_ALIVE = Octets.of("Connection: keep-alive\r\n\r\n");
    private static final byte[] UPGRADE = Octets.of("Connection: upgrade\r\n\r\n");
    private static final byte[] CRLF = Octets.of("\r\n");

    private static final long NOT_CHUNKED = Field.HOP_BY_HOP | Field.mask(Field.TRANSFER_ENCODING);

    private AnswerHead() {}

    /**
     * Writes it.
     *
     * @param date the line to add when the upstream sent none
     * @param chunked whether the body goes to the client in chunks
     * @param out has room for twice the head and 1 KiB
     * @return the number of bytes written
     */
    static int write(ResponseHead head, DateLine date, boolean chunked, Persistence persistence, byte[] out) {
        int status = head.status();
        int at = Octets.put(VERSION, out, 0);
        at = Octets.decimal(status, out, at);
        out[at++] = ' ';
        int reason = head.reasonEnd() - head.reasonStart();
        System.arraycopy(head.bytes(), head.reasonStart(), out, at, reason);
        at = Octets.put(CRLF, out, at + reason);
        long drop = chunked ? Field.HOP_BY_HOP : NOT_CHUNKED;
        if (status < 200 || status == 204) {
            // RFC 9110 8.6: there must be none in these.
            drop |= Field.mask(Field.CONTENT_LENGTH);
        }
        if (persistence == Persistence.UPGRADE) {
            drop &= ~Field.mask(Field.UPGRADE);
        }
        at = head.writeFields(drop, out, at);
        if (status >= 200 && !head.has(Field.DATE)) {
            at = Octets.put(date.line(), out, at);
        }
        return switch (persistence) {
            case KEEP -> Octets.put(CRLF, out, at);
            case KEEP_OLD -> Octets.put(KEEP_ALIVE, out, at);
            case CLOSE -> Octets.put(CLOSE, out, at);
            case UPGRADE -> Octets.put(UPGRADE, out, at);
        };
    }
}
