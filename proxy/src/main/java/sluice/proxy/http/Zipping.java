package sluice.proxy.http;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import sluice.proxy.files.Compressible;
import sluice.proxy.upstream.BadMessage;
import sluice.proxy.upstream.Field;
import sluice.proxy.upstream.Octets;
import sluice.proxy.upstream.ResponseHead;

/**
 * Which of the site's answers are compressed, as Mastodon's nginx.conf has it, and how their heads read then. One for each event
 * loop, confined to it: the work is done there, as nginx does it in its one thread.
 */
final class Zipping {
    /** What happens to an answer. */
    enum Verdict {
        AS_IS,
        /** It is not compressed, but for another client it would be: caches have to know. */
        VARIES,
        ZIPPED
    }

    /** Each takes a quarter of a MiB outside the heap while it is in use. */
    private static final int MOST = 32;

    private static final byte[] ACCEPT_ENCODING = Octets.of("accept-encoding");
    private static final byte[] CONTENT_ENCODING = Octets.of("content-encoding");
    private static final byte[] CONTENT_DIGEST = Octets.of("content-digest");
    private static final byte[] DIGEST = Octets.of("digest");
    private static final byte[] CACHE_CONTROL = Octets.of("cache-control");
    private static final byte[] NO_TRANSFORM = Octets.of("no-transform");
    private static final byte[] ACCEPT_RANGES = Octets.of("accept-ranges");
    private static final byte[] ETAG = Octets.of("etag");
    private static final byte[] VARY = Octets.of("vary");

    private final ResponseHead changed;
    private final byte[] scratch;
    private final ArrayDeque<Zip> spare = new ArrayDeque<>();
    private int used;

    /** @param headLimit the most bytes that a site's head may have */
    Zipping(int headLimit) {
        changed = new ResponseHead(2 * headLimit + 256);
        scratch = new byte[2 * headLimit + 256];
    }

    Verdict judge(RequestHead request, ResponseHead answer) {
        int status = answer.status();
        if ((status != 200 && status != 403 && status != 404)
                || !Compressible.type(answer.bytes(), answer.typeStart(), answer.typeEnd())
                || (answer.contentLength() >= 0 && answer.contentLength() < Compressible.LEAST)
                || answer.find(CONTENT_ENCODING, 0) >= 0
                || answer.find(CONTENT_DIGEST, 0) >= 0
                || answer.find(DIGEST, 0) >= 0
                || contains(answer, CACHE_CONTROL, NO_TRANSFORM)) {
            return Verdict.AS_IS;
        }
        int accept = request.find(ACCEPT_ENCODING, 0);
        boolean zipped =
                accept >= 0 && request.minor() == 1 && used < MOST && Compressible.gzipAccepted(request.value(accept));
        if (zipped) {
            return Verdict.ZIPPED;
        }
        return varies(answer) ? Verdict.AS_IS : Verdict.VARIES;
    }

    private static boolean varies(ResponseHead answer) {
        return contains(answer, VARY, ACCEPT_ENCODING);
    }

    private static boolean contains(ResponseHead head, byte[] name, byte[] value) {
        for (int field = head.find(name, 0); field >= 0; field = head.find(name, field + 1)) {
            if (Octets.contains(head.bytes(), head.valueStart(field), head.valueEnd(field), value)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The head as the client is to get it. Good until the next call.
     *
     * @param verdict not {@link Verdict#AS_IS}
     */
    ResponseHead changed(ResponseHead from, Verdict verdict) {
        StringBuilder more = new StringBuilder();
        long drop = Field.HOP_BY_HOP;
        if (!varies(from)) {
            more.append("Vary: Accept-Encoding\r\n");
        }
        if (verdict == Verdict.ZIPPED) {
            drop |= Field.mask(Field.CONTENT_LENGTH) | Field.mask(Field.TRANSFER_ENCODING);
            more.append("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n");
            for (int f = from.find(ACCEPT_RANGES, 0); f >= 0; f = from.find(ACCEPT_RANGES, f + 1)) {
                from.leaveOut(f);
            }
            weaken(from, more);
        }
        byte[] out = scratch;
        int at = Octets.put(Octets.of("HTTP/1.1 "), out, 0);
        at = Octets.decimal(from.status(), out, at);
        out[at++] = ' ';
        System.arraycopy(from.bytes(), from.reasonStart(), out, at, from.reasonEnd() - from.reasonStart());
        at += from.reasonEnd() - from.reasonStart();
        at = Octets.put(Octets.of("\r\n"), out, at);
        at = from.writeFields(drop, out, at);
        at = Octets.put(more.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1), out, at);
        changed.reset();
        try {
            if (!changed.feed(Unpooled.wrappedBuffer(out, 0, at))) {
                throw new IllegalStateException("a head without an end");
            }
        } catch (BadMessage e) {
            throw new IllegalStateException("a head that was read before: " + e.reason(), e);
        }
        return changed;
    }

    /** RFC 9110 section 8.8.1: the compressed bytes are not the ones that the tag was for. */
    private static void weaken(ResponseHead from, StringBuilder more) {
        int field = from.find(ETAG, 0);
        if (field < 0) {
            return;
        }
        String tag = from.value(field);
        from.leaveOut(field);
        if (tag.startsWith("\"")) {
            more.append("ETag: W/").append(tag).append("\r\n");
        } else if (tag.toUpperCase(Locale.ROOT).startsWith("W/\"")) {
            more.append("ETag: ").append(tag).append("\r\n");
        }
    }

    /** One for a body; {@link #give} it back. */
    Zip take(boolean inChunks) {
        @Nullable Zip free = spare.pollLast();
        Zip zip = free == null ? new Zip() : free;
        used++;
        zip.reset(inChunks);
        return zip;
    }

    void give(Zip zip) {
        used--;
        spare.addLast(zip);
    }
}
