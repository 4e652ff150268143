package sluice.proxy.upstream;

import io.netty.buffer.ByteBuf;

/**
 * Reads a chunked body (RFC 9112 section 7.1), strictly: hexadecimal digits, extensions only behind {@code ;} and bounded, CRLF
 * and nothing else at every line's end. What is to be passed on is pushed together at the front of the buffer it came in, which in
 * the ordinary case moves nothing. Extensions and trailers are left out: they are for this hop, or may be (RFC 9110 section 6.5.1).
 */
public final class ChunkedBody {
    private static final int MAX_DIGITS = 12;
    private static final int MAX_EXTENSIONS = 4096;
    private static final int MAX_TRAILERS = 8192;

    private enum State {
        SIZE_FIRST,
        SIZE,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILER_FIRST,
        TRAILER_NAME,
        TRAILER_VALUE,
        TRAILER_LF,
        LAST_LF,
        DONE
    }

    private State state = State.DONE;
    private boolean framed;
    private long size;
    private int digits;
    private int extensions;
    private int trailers;

    private int write;
    private int runStart;
    private int end;

    /**
     * Starts a body.
     *
     * @param framed whether the chunks' sizes and line ends are passed on too, or only what is in the chunks
     */
    public void start(boolean framed) {
        this.framed = framed;
        state = State.SIZE_FIRST;
        extensions = 0;
        trailers = 0;
        digits = 0;
        size = 0;
    }

    public boolean done() {
        return state == State.DONE;
    }

    /** Whether the bytes so far end between two chunks. */
    public boolean atBoundary() {
        return state == State.SIZE_FIRST;
    }

    /** Index behind what the last {@link #decode} consumed. */
    public int end() {
        return end;
    }

    /**
     * Consumes readable bytes up to the end of the body. Does not move the buffer's indices.
     *
     * @return how many bytes, from the reader index on, are to be passed on
     */
    public int decode(ByteBuf in) throws BadMessage {
        int from = in.readerIndex();
        int to = in.writerIndex();
        write = from;
        runStart = framed || state == State.DATA ? from : -1;
        if (framed && dropping()) {
            runStart = -1;
        }
        int i = from;
        while (i < to && state != State.DONE) {
            if (state == State.DATA) {
                int n = (int) Math.min(size, to - i);
                size -= n;
                i += n;
                if (size == 0) {
                    state = State.DATA_CR;
                    if (!framed) {
                        drop(in, i);
                    }
                }
            } else {
                step(in, i, in.getByte(i));
                i++;
            }
        }
        drop(in, i);
        end = i;
        return write - from;
    }

    private boolean dropping() {
        return switch (state) {
            case EXTENSION, TRAILER_NAME, TRAILER_VALUE, TRAILER_LF -> true;
            default -> false;
        };
    }

    private void step(ByteBuf in, int i, byte b) throws BadMessage {
        switch (state) {
            case SIZE_FIRST, SIZE -> sizeLine(in, i, b);
            case EXTENSION -> {
                if (b == '\r') {
                    keep(i);
                    state = State.SIZE_LF;
                } else if (!Octets.value(b) || b < 0 || ++extensions > MAX_EXTENSIONS) {
                    // RFC 9112 7.1.1 would have bytes beyond ASCII within quotes, which is more than it is worth to
                    // tell.
                    throw Head.bad("a bad or long chunk extension (RFC 9112, 7.1.1)");
                }
            }
            case SIZE_LF -> {
                expect(b, '\n');
                state = size == 0 ? State.TRAILER_FIRST : State.DATA;
                if (!framed && size > 0) {
                    runStart = i + 1;
                }
            }
            case DATA_CR -> {
                expect(b, '\r');
                state = State.DATA_LF;
            }
            case DATA_LF -> {
                expect(b, '\n');
                digits = 0;
                state = State.SIZE_FIRST;
            }
            case TRAILER_FIRST, TRAILER_NAME, TRAILER_VALUE, TRAILER_LF -> trailer(in, i, b);
            case LAST_LF -> {
                expect(b, '\n');
                state = State.DONE;
            }
            default -> throw new IllegalStateException("no byte is stepped over in " + state);
        }
    }

    private void sizeLine(ByteBuf in, int i, byte b) throws BadMessage {
        int digit = Character.digit(b, 16);
        if (digit >= 0 && b > 0) {
            if (++digits > MAX_DIGITS) {
                throw Head.bad("a chunk size of too many digits (RFC 9112, 7.1)");
            }
            size = size * 16 + digit;
            state = State.SIZE;
        } else if (digits > 0 && b == '\r') {
            state = State.SIZE_LF;
        } else if (digits > 0 && b == ';') {
            drop(in, i);
            state = State.EXTENSION;
        } else {
            throw Head.bad("a bad chunk size (RFC 9112, 7.1)");
        }
    }

    private void trailer(ByteBuf in, int i, byte b) throws BadMessage {
        if (++trailers > MAX_TRAILERS) {
            throw Head.bad("trailers of more than " + MAX_TRAILERS + " bytes");
        }
        switch (state) {
            case TRAILER_FIRST -> {
                if (b == '\r') {
                    keep(i);
                    state = State.LAST_LF;
                } else if (Octets.token(b)) {
                    drop(in, i);
                    state = State.TRAILER_NAME;
                } else {
                    throw Head.bad("a bad trailer (RFC 9112, 7.1.2)");
                }
            }
            case TRAILER_NAME -> {
                if (b == ':') {
                    state = State.TRAILER_VALUE;
                } else if (!Octets.token(b)) {
                    throw Head.bad("a bad trailer (RFC 9112, 7.1.2)");
                }
            }
            case TRAILER_VALUE -> {
                if (b == '\r') {
                    state = State.TRAILER_LF;
                } else if (!Octets.value(b)) {
                    throw Head.bad("a bad trailer (RFC 9112, 7.1.2)");
                }
            }
            default -> {
                expect(b, '\n');
                state = State.TRAILER_FIRST;
            }
        }
    }

    private static void expect(byte b, char wanted) throws BadMessage {
        if (b != wanted) {
            throw Head.bad("no CRLF at the end of a chunk or of its size (RFC 9112, 7.1)");
        }
    }

    /** From here on bytes are passed on. */
    private void keep(int at) {
        if (framed && runStart < 0) {
            runStart = at;
        }
    }

    /** Up to here bytes are passed on. */
    private void drop(ByteBuf in, int at) {
        if (runStart < 0) {
            return;
        }
        int n = at - runStart;
        if (write != runStart && n > 0) {
            in.setBytes(write, in, runStart, n);
        }
        write += n;
        runStart = -1;
    }
}
