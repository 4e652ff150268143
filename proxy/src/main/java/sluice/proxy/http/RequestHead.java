package sluice.proxy.http;

import sluice.proxy.route.RequestFields;
import sluice.proxy.upstream.BadMessage;
import sluice.proxy.upstream.Field;
import sluice.proxy.upstream.Head;
import sluice.proxy.upstream.Octets;

/** The head of a client's request (RFC 9112 section 3). */
public final class RequestHead extends Head implements RequestFields {
    private static final byte[] HTTP = Octets.of("http://");
    private static final byte[] HTTPS = Octets.of("https://");
    private static final byte[] CONNECT = Octets.of("CONNECT");
    private static final byte[] OPTIONS = Octets.of("OPTIONS");
    private static final byte[] GET = Octets.of("GET");
    private static final byte[] HEAD = Octets.of("HEAD");
    private static final byte[] POST = Octets.of("POST");
    private static final byte[] CONTINUE = Octets.of("100-continue");
    private static final byte[] EVENT_STREAM = Octets.of("text/event-stream");

    private int methodStart;
    private int methodEnd;
    private int targetStart;
    private int targetEnd;
    private int pathEnd;
    private int authorityStart;
    private int authorityEnd;
    private boolean lineRead;

    private int host;
    private int upgradeField;
    private boolean upgradeTwice;
    private boolean expectsContinue;
    private boolean expectsElse;
    private boolean acceptsEventStream;

    /**
     * An empty head.
     *
     * @param limit the most bytes that a head may have
     */
    public RequestHead(int limit) {
        super(limit);
    }

    @Override
    public void reset() {
        super.reset();
        lineRead = false;
        host = -1;
        upgradeField = -1;
        upgradeTwice = false;
        expectsContinue = false;
        expectsElse = false;
        acceptsEventStream = false;
        authorityStart = -1;
        authorityEnd = -1;
    }

    /** RFC 9112 section 3: method SP request-target SP HTTP-version, one space each. */
    @Override
    protected void startLine(int start, int end) throws BadMessage {
        byte[] b = bytes();
        int i = start;
        while (i < end && Octets.token(b[i])) {
            i++;
        }
        if (i == start || i == end || b[i] != ' ') {
            throw bad("no method at the start (RFC 9112, 3.1)");
        }
        methodStart = start;
        methodEnd = i++;
        targetStart = i;
        while (i < end && Octets.target(b[i])) {
            i++;
        }
        targetEnd = i;
        // A target that is refused below has no path.
        pathEnd = targetStart;
        if (i == targetStart || i == end || b[i] != ' ') {
            throw bad("a bad request target (RFC 9112, 3.2)");
        }
        version(i + 1, end);
        lineRead = true;
        target();
    }

    private void target() throws BadMessage {
        byte[] b = bytes();
        if (is(CONNECT)) {
            throw bad("CONNECT is for forward proxies (RFC 9110, 9.3.6)");
        }
        if (b[targetStart] != '/') {
            if (targetEnd == targetStart + 1 && b[targetStart] == '*' && is(OPTIONS)) {
                pathEnd = targetEnd;
                return;
            }
            absoluteForm();
        }
        pathEnd = targetStart;
        while (pathEnd < targetEnd && b[pathEnd] != '?') {
            pathEnd++;
        }
    }

    /** RFC 9112 section 3.2.2: a server has to accept it, and takes the host from it instead of from Host. */
    private void absoluteForm() throws BadMessage {
        byte[] b = bytes();
        int scheme;
        if (startsWith(HTTPS)) {
            scheme = HTTPS.length;
        } else if (startsWith(HTTP)) {
            scheme = HTTP.length;
        } else {
            throw bad("a request target that is neither a path nor a URL (RFC 9112, 3.2)");
        }
        authorityStart = targetStart + scheme;
        int i = authorityStart;
        while (i < targetEnd && Octets.host(b[i])) {
            i++;
        }
        authorityEnd = i;
        if (i == authorityStart || (i < targetEnd && b[i] != '/')) {
            // Also user@host (RFC 9110 4.2.4), and a URL without a path: nobody but a tester sends one.
            throw bad("a request target with a bad host, or without a path (RFC 9112, 3.2.2)");
        }
        if (i == targetEnd) {
            throw bad("a request target without a path (RFC 9112, 3.2.2)");
        }
        targetStart = i;
    }

    private boolean startsWith(byte[] prefix) {
        return targetEnd - targetStart > prefix.length
                && Octets.same(bytes(), targetStart, targetStart + prefix.length, prefix);
    }

    @Override
    protected void known(int field, int from, int to) throws BadMessage {
        switch (field) {
            case Field.HOST -> {
                if (host >= 0) {
                    throw bad("more than one Host (RFC 9112, 3.2)");
                }
                host = fieldCount() - 1;
                for (int i = from; i < to; i++) {
                    if (!Octets.host(bytes()[i])) {
                        throw bad("a bad Host (RFC 9112, 3.2)");
                    }
                }
                if (from == to) {
                    throw bad("an empty Host (RFC 9110, 7.2)");
                }
            }
            case Field.EXPECT -> {
                if (Octets.same(bytes(), from, to, CONTINUE)) {
                    expectsContinue = true;
                } else {
                    expectsElse = true;
                }
            }
            case Field.UPGRADE -> {
                upgradeTwice = upgradeField >= 0;
                upgradeField = fieldCount() - 1;
            }
            case Field.ACCEPT -> acceptsEventStream |= Octets.contains(bytes(), from, to, EVENT_STREAM);
            default -> {}
        }
    }

    @Override
    protected void complete() throws BadMessage {
        if (host < 0) {
            // RFC 9112 3.2 has it so for HTTP/1.1; an HTTP/1.0 request without Host means no site that is served here.
            throw bad("no Host (RFC 9112, 3.2)");
        }
    }

    private boolean is(byte[] method) {
        return Octets.equal(bytes(), methodStart, methodEnd, method);
    }

    /** Whether the request line has been read, so that the method is known even if the rest is refused. */
    public boolean lineRead() {
        return lineRead;
    }

    public int methodStart() {
        return methodStart;
    }

    public int methodEnd() {
        return methodEnd;
    }

    /** Where path and query start, whatever the form of the target. */
    public int pathStart() {
        return targetStart;
    }

    /** Where the path ends; a query follows, with its question mark, up to {@link #targetEnd}. */
    public int pathEnd() {
        return pathEnd;
    }

    public int targetEnd() {
        return targetEnd;
    }

    /** Whether the method is GET, HEAD or OPTIONS: the safe ones (RFC 9110 section 9.2.1) that sites use. */
    public boolean safeMethod() {
        return is(GET) || is(HEAD) || is(OPTIONS);
    }

    /** Whether the method is GET or HEAD: the ones for files. */
    public boolean getOrHead() {
        return is(GET) || is(HEAD);
    }

    public boolean headMethod() {
        return is(HEAD);
    }

    /** Whether a request line that is not complete yet is one of a POST. */
    boolean beginsWithPost() {
        return length() > POST.length && Octets.equal(bytes(), 0, POST.length, POST) && bytes()[POST.length] == ' ';
    }

    public boolean postMethod() {
        return is(POST);
    }

    /** Whether the host is in the target; the Host field is to be ignored then. */
    public boolean absolute() {
        return authorityStart >= 0;
    }

    /** Where the host starts that the request is for. */
    public int hostStart() {
        return absolute() ? authorityStart : valueStart(host);
    }

    public int hostEnd() {
        return absolute() ? authorityEnd : valueEnd(host);
    }

    /** Whether a body follows. */
    @Override
    public boolean hasBody() {
        return chunked() || contentLength() > 0;
    }

    /**
     * Whether the client asks to change to another protocol and that may be passed on. Not HTTP/2 in plain text: its requests would
     * run through the tunnel past the gate. Not TLS, nor several at once, nor with a body (RFC 9110 section 7.8 lets a server ignore it).
     */
    @Override
    public boolean upgrade() {
        if (!upgradeNamed() || upgradeField < 0 || upgradeTwice || minor() == 0 || hasBody()) {
            return false;
        }
        byte[] b = bytes();
        int from = valueStart(upgradeField);
        int to = valueEnd(upgradeField);
        for (int i = from; i < to; i++) {
            if (!Octets.token(b[i])) {
                return false;
            }
        }
        return from < to && !starts(from, to, "h2") && !starts(from, to, "http") && !starts(from, to, "tls");
    }

    private boolean starts(int from, int to, String lowercase) {
        return to - from >= lowercase.length()
                && text(from, from + lowercase.length()).equalsIgnoreCase(lowercase);
    }

    /** The Upgrade field; only when {@link #upgrade}. */
    public int upgradeField() {
        return upgradeField;
    }

    /** RFC 9110 section 10.1.1; an HTTP/1.0 client cannot expect. */
    public boolean expectsContinue() {
        return expectsContinue && minor() == 1;
    }

    /** Whether it expects something other than {@code 100-continue}. */
    public boolean expectsElse() {
        return expectsElse;
    }

    @Override
    public boolean acceptsEventStream() {
        return acceptsEventStream;
    }

    public String method() {
        return text(methodStart, methodEnd);
    }

    /** The path without the query. */
    public String path() {
        return text(targetStart, pathEnd);
    }
}
