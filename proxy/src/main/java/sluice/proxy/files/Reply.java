package sluice.proxy.files;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request for a file.
 *
 * @param status 200, 206 or 304; or 403, 412 or 416, which have no content of the file
 * @param fields the header lines, each with its CRLF; none that is about the connection
 * @param length the Content-Length that is among them, or -1 when there is none
 * @param pieces the content, in order; empty for HEAD and when there is none
 * @param content where the pieces are from, when the file is small; not to be changed
 * @param source where the pieces are from, when the file has to be read
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
public record Reply(
        int status,
        String fields,
        long length,
        List<Piece> pieces,
        byte @Nullable [] content,
        @Nullable Source source) {

    /**
     * A piece of the content.
     *
     * @param before what comes before it: the head of a part of {@code multipart/byteranges}, else empty
     * @param from where it begins in the file
     * @param length may be 0 for what comes behind the last part
     */
    public record Piece(String before, long from, long length) {}

    static Reply without(int status, String fields) {
        return new Reply(status, fields, -1, List.of(), null, null);
    }

    /** Whether the status is that of an error, whose body is not of the file. */
    public boolean error() {
        return status >= 400;
    }
}
