package sluice.proxy.files;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Makes the answer to a request for a file that is there. */
final class Replies {
    /** Where contents come from. Null from either means: not without waiting, and waiting is not wanted now. */
    interface Contents {
        byte @Nullable [] small(Stored file, boolean zipped) throws IOException;

        @Nullable
        Source large(Stored file) throws IOException;
    }

    /** The largest file that is kept in memory. */
    static final int SMALL = 64 << 10;

    private final MediaTypes types = MediaTypes.load();
    private final InstantSource clock;
    private final String hsts;
    private final boolean zip;
    private final AtomicLong boundaries = new AtomicLong(System.nanoTime());
    private volatile Dated dated = new Dated(Long.MIN_VALUE, "");

    private record Dated(long second, String line) {}

    /** Which of a file's codings is sent. {@code zipped}: compressed here, since there is no sibling. */
    private record Choice(Stored file, Coding coding, boolean zipped, boolean vary) {
        String etag() {
            return zipped ? "W/" + file.etag() : file.etag();
        }
    }

    /**
     * Replies for one site.
     *
     * @param hsts the value of Strict-Transport-Security, or empty
     * @param zip whether text without a sibling is compressed here
     */
    Replies(InstantSource clock, String hsts, boolean zip) {
        this.clock = clock;
        this.hsts = hsts;
        this.zip = zip;
    }

    /**
     * The answer.
     *
     * @param plain the file itself
     * @return null when the contents say that one would have to wait
     */
    @Nullable
    Reply make(String name, Place place, Resource resource, Stored plain, Ask ask, Contents contents)
            throws IOException {
        String type = types.of(name);
        Choice choice = choose(resource, plain, type, ask);
        Stored file = choice.file;
        String etag = choice.etag();
        int status = Conditions.judge(ask, etag, file.seconds());
        if (status == Conditions.FAILED) {
            return Reply.without(status, "");
        }
        StringBuilder fields = new StringBuilder(320);
        fields.append("Date: ").append(date()).append("\r\n");
        if (status == Conditions.NOT_MODIFIED) {
            validators(fields, choice, etag, place, ask);
            return Reply.without(status, fields.toString());
        }
        List<Ranges.Part> parts = null;
        if (ask.range() != null
                && !ask.toHead()
                && choice.coding == Coding.PLAIN
                && Conditions.rangeHolds(ask.ifRange(), etag, file.seconds())) {
            parts = Ranges.of(ask.range(), file.size());
        }
        if (parts != null && parts.isEmpty()) {
            return Reply.without(416, "Content-Range: bytes */" + file.size() + "\r\n");
        }
        boolean small = file.size() <= SMALL;
        byte[] content = null;
        if (small && (!ask.toHead() || choice.zipped)) {
            content = contents.small(file, choice.zipped);
            if (content == null) {
                return null;
            }
        }
        Source source = null;
        if (!small && !ask.toHead()) {
            source = contents.large(file);
            if (source == null) {
                return null;
            }
        }
        List<Reply.Piece> pieces = new ArrayList<>();
        long size = content == null ? file.size() : content.length;
        long length;
        if (parts == null) {
            length = size;
            fields.append("Content-Type: ").append(type).append("\r\n");
            pieces.add(new Reply.Piece("", 0, size));
        } else if (parts.size() == 1) {
            Ranges.Part part = parts.get(0);
            length = part.to() - part.from();
            fields.append("Content-Type: ").append(type).append("\r\n");
            fields.append(contentRange(part, size));
            pieces.add(new Reply.Piece("", part.from(), length));
        } else {
            length = multipart(parts, type, size, fields, pieces);
        }
        fields.append("Content-Length: ").append(length).append("\r\n");
        if (choice.coding != Coding.PLAIN) {
            fields.append("Content-Encoding: ").append(choice.coding.label()).append("\r\n");
        }
        validators(fields, choice, etag, place, ask);
        if (parts == null && choice.coding == Coding.PLAIN) {
            fields.append("Accept-Ranges: bytes\r\n");
        }
        return new Reply(
                parts == null ? 200 : 206,
                fields.toString(),
                length,
                ask.toHead() ? List.of() : List.copyOf(pieces),
                content,
                source);
    }

    private Choice choose(Resource resource, Stored plain, String type, Ask ask) {
        boolean zippable = zip
                && resource.gzip() == null
                && plain.size() >= Compressible.LEAST
                && plain.size() <= SMALL
                && Compressible.type(type);
        boolean vary = zippable || resource.gzip() != null || resource.brotli() != null;
        if (!vary || !ask.coded()) {
            return new Choice(plain, Coding.PLAIN, false, vary);
        }
        Stored brotli = resource.brotli();
        int brotliWeight = brotli == null ? 0 : Coding.BROTLI.weight(ask.acceptEncoding());
        int gzipWeight = resource.gzip() == null && !zippable ? 0 : Coding.GZIP.weight(ask.acceptEncoding());
        if (brotli != null && brotliWeight > 0 && brotliWeight >= gzipWeight) {
            return new Choice(brotli, Coding.BROTLI, false, true);
        }
        if (gzipWeight == 0) {
            return new Choice(plain, Coding.PLAIN, false, true);
        }
        Stored gzip = resource.gzip();
        return gzip == null ? new Choice(plain, Coding.GZIP, true, true) : new Choice(gzip, Coding.GZIP, false, true);
    }

    private void validators(StringBuilder fields, Choice choice, String etag, Place place, Ask ask) {
        fields.append("Last-Modified: ")
                .append(HttpDate.of(choice.file.seconds()))
                .append("\r\nETag: ")
                .append(etag)
                .append("\r\n");
        if (choice.vary) {
            fields.append("Vary: Accept-Encoding\r\n");
        }
        fields.append(place.fields());
        if (ask.secure() && !hsts.isEmpty()) {
            fields.append("Strict-Transport-Security: ").append(hsts).append("\r\n");
        }
    }

    /** RFC 9110 section 14.6. */
    private long multipart(
            List<Ranges.Part> parts, String type, long size, StringBuilder fields, List<Reply.Piece> pieces) {
        String boundary = String.format(Locale.ROOT, "%020d", boundaries.incrementAndGet() & Long.MAX_VALUE);
        fields.append("Content-Type: multipart/byteranges; boundary=")
                .append(boundary)
                .append("\r\n");
        long length = 0;
        for (Ranges.Part part : parts) {
            String before =
                    "\r\n--" + boundary + "\r\nContent-Type: " + type + "\r\n" + contentRange(part, size) + "\r\n";
            pieces.add(new Reply.Piece(before, part.from(), part.to() - part.from()));
            length += before.length() + part.to() - part.from();
        }
        String end = "\r\n--" + boundary + "--\r\n";
        pieces.add(new Reply.Piece(end, 0, 0));
        return length + end.length();
    }

    private static String contentRange(Ranges.Part part, long size) {
        return "Content-Range: bytes " + part.from() + "-" + (part.to() - 1) + "/" + size + "\r\n";
    }

    /** RFC 9110 section 6.6.1. Made once a second. */
    private String date() {
        long second = clock.instant().getEpochSecond();
        Dated last = dated;
        if (last.second != second) {
            last = new Dated(second, HttpDate.of(second));
            dated = last;
        }
        return last.line;
    }
}
