package sluice.proxy.upstream;

/** The head of an upstream's answer (RFC 9112 section 4). */
public final class ResponseHead extends Head {
    /** How the body of an answer ends (RFC 9112 section 6.3). */
    public enum Framing {
        /** There is none. */
        NONE,
        LENGTH,
        CHUNKED,
        /** It ends when the upstream closes. */
        UNTIL_CLOSE,
        /** 101: what follows is another protocol. */
        TUNNEL
    }

    private static final byte[] EVENT_STREAM = Octets.of("text/event-stream");

    private int status;
    private int reasonStart;
    private int reasonEnd;
    private boolean eventStream;
    private int typeStart;
    private int typeEnd;

    public ResponseHead(int limit) {
        super(limit);
    }

    @Override
    public void reset() {
        super.reset();
        eventStream = false;
        typeStart = 0;
        typeEnd = 0;
    }

    @Override
    protected void startLine(int start, int end) throws BadMessage {
        byte[] b = bytes();
        // RFC 9112 4: HTTP-version SP status-code SP [ reason-phrase ]; servers without the last SP are seen.
        if (end - start < 12 || b[start + 8] != ' ' || (end - start > 12 && b[start + 12] != ' ')) {
            throw bad("a bad status line (RFC 9112, 4)");
        }
        version(start, start + 8);
        status = 0;
        for (int i = start + 9; i < start + 12; i++) {
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9) {
                throw bad("a bad status code (RFC 9110, 15)");
            }
            status = status * 10 + digit;
        }
        if (status < 100 || status > 599) {
            throw bad("a bad status code (RFC 9110, 15)");
        }
        reasonStart = Math.min(end, start + 13);
        reasonEnd = end;
        for (int i = reasonStart; i < reasonEnd; i++) {
            if (!Octets.value(b[i])) {
                throw bad("a control character in the status line (RFC 9112, 4)");
            }
        }
    }

    @Override
    protected void known(int field, int from, int to) {
        if (field == Field.CONTENT_TYPE) {
            typeStart = from;
            typeEnd = to;
            eventStream = to - from >= EVENT_STREAM.length
                    && Octets.same(bytes(), from, from + EVENT_STREAM.length, EVENT_STREAM);
        }
    }

    @Override
    protected void complete() {}

    public int status() {
        return status;
    }

    /** Where the reason phrase starts. */
    public int reasonStart() {
        return reasonStart;
    }

    public int reasonEnd() {
        return reasonEnd;
    }

    /** Where the value of Content-Type starts; the same as {@link #typeEnd} when there is none. */
    public int typeStart() {
        return typeStart;
    }

    public int typeEnd() {
        return typeEnd;
    }

    /** Whether the content is {@code text/event-stream}. */
    public boolean eventStream() {
        return eventStream;
    }

    /**
     * How the body ends.
     *
     * @param toHead whether the request was a HEAD
     */
    public Framing framing(boolean toHead) {
        if (status == 101) {
            return Framing.TUNNEL;
        }
        if (toHead || status < 200 || status == 204 || status == 304) {
            return Framing.NONE;
        }
        if (chunked()) {
            return Framing.CHUNKED;
        }
        if (contentLength() < 0) {
            return Framing.UNTIL_CLOSE;
        }
        return contentLength() == 0 ? Framing.NONE : Framing.LENGTH;
    }
}
