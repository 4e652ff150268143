package sluice.proxy.upstream;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The head of an HTTP/1.1 message: its bytes, and where in them each part lies. Strict: what is not certain to mean the same
 * to everybody is refused, since two readings of one message are how requests are smuggled (RFC 9112 section 11.2).
 *
 * <p>Lines are judged as they become complete, so it makes no difference how the bytes were cut into reads. One object is used
 * for many messages, one after another; confined to its event loop.
 */
public abstract class Head {
    private static final int PIECE = 1024;
    private static final byte[] CHUNKED = Octets.of("chunked");

    private final int limit;
    private byte[] bytes = new byte[PIECE];
    private int length;
    private int lineStart;
    private boolean blankSeen;
    private boolean started;
    private final FieldTable fields = new FieldTable();

    private int minor;
    private long contentLength;
    private boolean chunked;
    private final ConnectionOptions connection = new ConnectionOptions();

    /**
     * An empty head.
     *
     * @param limit the most bytes that a head may have, blank line included
     */
    protected Head(int limit) {
        this.limit = limit;
        reset();
    }

    /** Forgets the message, ready for the next. */
    public void reset() {
        length = 0;
        lineStart = 0;
        blankSeen = false;
        started = false;
        fields.clear();
        contentLength = -1;
        chunked = false;
        connection.clear();
    }

    /**
     * Takes bytes up to the end of the head, and none behind it.
     *
     * @return true when the head is complete
     * @throws BadMessage when it is refused; nothing more may be read from that connection then
     */
    public final boolean feed(ByteBuf in) throws BadMessage {
        while (in.isReadable()) {
            // In pieces, lest a body that came with the head is copied for nothing.
            int n = Math.min(Math.min(in.readableBytes(), PIECE), limit - length);
            if (n == 0) {
                throw tooLarge();
            }
            int from = length;
            if (from + n > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.min(limit, Math.max(from + n, bytes.length * 2)));
            }
            in.getBytes(in.readerIndex(), bytes, from, n);
            length = from + n;
            int end = lines(from, length);
            if (end >= 0) {
                in.skipBytes(end - from);
                length = end;
                if (connection.names()) {
                    fields.dropNamed(bytes);
                }
                complete();
                return true;
            }
            in.skipBytes(n);
        }
        if (length >= limit) {
            throw tooLarge();
        }
        return false;
    }

    /** Judges every line that ends in the range. Returns the index behind the blank line, or -1 when that is still to come. */
    private int lines(int from, int to) throws BadMessage {
        byte[] b = bytes;
        for (int i = from; i < to; i++) {
            if (b[i] != '\n') {
                continue;
            }
            int start = lineStart;
            int end = i - 1;
            if (end < start || b[end] != '\r') {
                throw bad("a line ends in LF without CR (RFC 9112, 2.2)");
            }
            lineStart = i + 1;
            if (end > start) {
                if (started) {
                    field(start, end);
                } else {
                    started = true;
                    startLine(start, end);
                }
            } else if (started) {
                return i + 1;
            } else if (blankSeen) {
                throw bad("blank lines instead of a start line (RFC 9112, 2.2)");
            } else {
                // RFC 9112 2.2: a server should ignore at least one blank line before the request line.
                blankSeen = true;
            }
        }
        return -1;
    }

    private void field(int start, int end) throws BadMessage {
        byte[] b = bytes;
        if (Octets.blank(b[start])) {
            throw bad("a folded header line (RFC 9112, 5.2)");
        }
        int colon = start;
        while (colon < end && Octets.token(b[colon])) {
            colon++;
        }
        if (colon == start || colon == end || b[colon] != ':') {
            throw bad("a header line without a proper name and colon (RFC 9112, 5.1)");
        }
        int from = colon + 1;
        while (from < end && Octets.blank(b[from])) {
            from++;
        }
        int to = end;
        while (to > from && Octets.blank(b[to - 1])) {
            to--;
        }
        for (int i = from; i < to; i++) {
            if (!Octets.value(b[i])) {
                throw bad("a control character in a header value (RFC 9110, 5.5)");
            }
        }
        int kind = Field.of(b, start, colon);
        boolean normal = from == colon + 2 && b[colon + 1] == ' ' && to == end;
        fields.add(start, colon, from, to, kind, normal);
        switch (kind) {
            case Field.OTHER -> {}
            case Field.CONTENT_LENGTH -> contentLength(from, to);
            case Field.TRANSFER_ENCODING -> transferEncoding(from, to);
            case Field.CONNECTION -> connection.read(b, from, to);
            default -> known(kind, from, to);
        }
    }

    private void contentLength(int from, int to) throws BadMessage {
        if (contentLength >= 0) {
            throw bad("more than one Content-Length (RFC 9112, 6.3)");
        }
        // RFC 9110 8.6: 1*DIGIT. 18 digits are more than anybody has and cannot overflow.
        if (from == to || to - from > 18) {
            throw bad("a Content-Length that is not a number (RFC 9110, 8.6)");
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                throw bad("a Content-Length that is not a number (RFC 9110, 8.6)");
            }
            number = number * 10 + digit;
        }
        contentLength = number;
        if (chunked) {
            throw bad("Content-Length beside Transfer-Encoding (RFC 9112, 6.1)");
        }
    }

    private void transferEncoding(int from, int to) throws BadMessage {
        if (chunked) {
            throw bad("more than one Transfer-Encoding (RFC 9112, 6.1)");
        }
        if (!Octets.same(bytes, from, to, CHUNKED)) {
            throw bad("a Transfer-Encoding other than chunked (RFC 9112, 6.1)");
        }
        if (minor == 0) {
            throw bad("Transfer-Encoding in HTTP/1.0 (RFC 9112, 6.1)");
        }
        if (contentLength >= 0) {
            throw bad("Content-Length beside Transfer-Encoding (RFC 9112, 6.1)");
        }
        chunked = true;
    }

    /** The first line, without its CRLF. Has to call {@link #version}. */
    protected abstract void startLine(int start, int end) throws BadMessage;

    /** A field that has a number but is no matter of framing. */
    protected abstract void known(int field, int from, int to) throws BadMessage;

    /** All lines are in. */
    protected abstract void complete() throws BadMessage;

    private BadMessage tooLarge() {
        return started
                ? new BadMessage(431, "the head is larger than " + limit + " bytes")
                : new BadMessage(414, "the first line is longer than " + limit + " bytes (RFC 9112, 3)");
    }

    protected static BadMessage bad(String reason) {
        return new BadMessage(400, reason);
    }

    /** Reads {@code HTTP/1.0} or {@code HTTP/1.1} (RFC 9112 section 2.3: case matters). */
    protected final void version(int start, int end) throws BadMessage {
        byte[] b = bytes;
        boolean proper = end - start == 8
                && b[start] == 'H'
                && b[start + 1] == 'T'
                && b[start + 2] == 'T'
                && b[start + 3] == 'P'
                && b[start + 4] == '/'
                && b[start + 5] >= '0'
                && b[start + 5] <= '9'
                && b[start + 6] == '.'
                && b[start + 7] >= '0'
                && b[start + 7] <= '9';
        if (!proper) {
            throw bad("no HTTP version at its place (RFC 9112, 2.3)");
        }
        if (b[start + 5] != '1' || b[start + 7] > '1') {
            throw new BadMessage(505, "a version other than HTTP/1.0 and HTTP/1.1 (RFC 9110, 2.5)");
        }
        minor = b[start + 7] - '0';
    }

    /** The bytes of the head; only those below {@link #length} belong to it. Not to be changed, nor kept. */
    public final byte[] bytes() {
        return bytes;
    }

    /** How many bytes came so far. */
    public final int length() {
        return length;
    }

    /** The minor version, 0 or 1. */
    public final int minor() {
        return minor;
    }

    /** The Content-Length, or -1 when there is none. */
    public final long contentLength() {
        return contentLength;
    }

    public final boolean chunked() {
        return chunked;
    }

    /** Whether the connection persists after this message (RFC 9112 section 9.3). */
    public final boolean persistent() {
        return !connection.close() && (minor == 1 || connection.keepAlive());
    }

    /** Whether a Connection field says {@code upgrade}. */
    protected final boolean upgradeNamed() {
        return connection.upgrade();
    }

    public final int fieldCount() {
        return fields.count();
    }

    /** Whether there is a field with this of {@link Field}'s numbers, {@link Field#OTHER} apart. */
    public final boolean has(int kind) {
        return fields.has(kind);
    }

    /** Which of {@link Field}'s numbers the field has. */
    public final int kind(int field) {
        return fields.kind(field);
    }

    public final int nameStart(int field) {
        return fields.nameStart(field);
    }

    public final int nameEnd(int field) {
        return fields.nameEnd(field);
    }

    /** {@link #writeFields} is to leave it out, if its mask has {@link Field#NAMED} as {@link Field#HOP_BY_HOP} has. */
    public final void leaveOut(int field) {
        fields.leaveOut(field);
    }

    public final int valueStart(int field) {
        return fields.valueStart(field);
    }

    public final int valueEnd(int field) {
        return fields.valueEnd(field);
    }

    /** The first field of that name, from {@code from} on, or -1. The name is in lower case. */
    public final int find(byte[] name, int from) {
        return fields.find(bytes, name, from);
    }

    /** The value of a field, as text of one byte a character. */
    public final String value(int field) {
        return text(valueStart(field), valueEnd(field));
    }

    /** A part of the head, as text of one byte a character. */
    public final String text(int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }

    /**
     * Writes the fields as {@code Name: value} lines, in their order, but for those in {@code drop}. Lines that are normal
     * already and lie side by side are copied in one go.
     *
     * @param drop a mask of {@link Field} numbers
     * @param out needs room for {@link #length()} + {@link #fieldCount()} bytes behind {@code at}
     * @return the index behind the last line
     */
    public final int writeFields(long drop, byte[] out, int at) {
        return fields.write(bytes, drop, out, at);
    }
}
