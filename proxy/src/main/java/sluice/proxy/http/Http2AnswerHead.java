package sluice.proxy.http;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import sluice.proxy.upstream.Field;
import sluice.proxy.upstream.Octets;
import sluice.proxy.upstream.ResponseHead;

/** The head of an answer as the header list of HTTP/2: names in lower case, without what is for the upstream's connection only. */
final class Http2AnswerHead {
    /** What a client has to be sent before the body of a request that expects it (RFC 9110 section 10.1.1). */
    static final Http2Headers CONTINUE = ReadOnlyHttp2Headers.serverHeaders(false, AsciiString.cached("100"));

    private static final long DROP = Field.HOP_BY_HOP | Field.mask(Field.TRANSFER_ENCODING);
    private static final AsciiString DATE = AsciiString.cached("date");
    private static final AsciiString[] STATUS = new AsciiString[600];

    static {
        for (int status = 100; status < STATUS.length; status++) {
            STATUS[status] = AsciiString.cached(Integer.toString(status));
        }
    }

    private Http2AnswerHead() {}

    /**
     * The list; it keeps nothing of the head.
     *
     * @param date what to add when the upstream sent none
     */
    static Http2Headers of(ResponseHead head, DateLine date) {
        int status = head.status();
        long drop = DROP;
        if (status < 200 || status == 204) {
            // RFC 9110 8.6: there must be none in these.
            drop |= Field.mask(Field.CONTENT_LENGTH);
        }
        int kept = 0;
        for (int i = 0; i < head.fieldCount(); i++) {
            kept += kept(head, i, drop) ? 1 : 0;
        }
        boolean dated = status < 200 || head.has(Field.DATE);
        AsciiString[] fields = new AsciiString[2 * (dated ? kept : kept + 1)];
        int at = 0;
        if (!dated) {
            fields[at++] = DATE;
            fields[at++] = date.value();
        }
        for (int i = 0; i < head.fieldCount(); i++) {
            if (kept(head, i, drop)) {
                fields[at++] = name(head, i);
                fields[at++] =
                        new AsciiString(head.bytes(), head.valueStart(i), head.valueEnd(i) - head.valueStart(i), true);
            }
        }
        return ReadOnlyHttp2Headers.serverHeaders(false, STATUS[status], fields);
    }

    private static boolean kept(ResponseHead head, int field, long drop) {
        return (drop >>> head.kind(field) & 1) == 0;
    }

    /** RFC 9113 section 8.2: in lower case. */
    private static AsciiString name(ResponseHead head, int field) {
        int start = head.nameStart(field);
        byte[] name = new byte[head.nameEnd(field) - start];
        for (int i = 0; i < name.length; i++) {
            name[i] = Octets.lower(head.bytes()[start + i]);
        }
        return new AsciiString(name, false);
    }
}
