package sluice.proxy.http;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sluice.proxy.upstream.Octets;

/**
 * Writes the header list of an HTTP/2 request as the head of an HTTP/1.1 request, so that one strict parser has the last word on
 * both. What would be no header list at all (RFC 9113 section 8.1.1: malformed) is refused here; above all no byte is written that
 * would end a line.
 */
final class Http2RequestHead {
    private static final AsciiString COOKIE = AsciiString.cached("cookie");
    private static final AsciiString HOST = AsciiString.cached("host");
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
    private static final AsciiString TE = AsciiString.cached("te");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");
    /** RFC 9113 section 8.2.2. */
    private static final AsciiString[] FOR_CONNECTIONS = {
        AsciiString.cached("connection"),
        AsciiString.cached("proxy-connection"),
        AsciiString.cached("keep-alive"),
        AsciiString.cached("transfer-encoding"),
        AsciiString.cached("upgrade")
    };

    private static final byte[] VERSION = Octets.of(" HTTP/1.1\r\nhost: ");
    private static final byte[] VERSION_ONLY = Octets.of(" HTTP/1.1\r\n");
    private static final byte[] COOKIE_LINE = Octets.of("cookie: ");
    private static final byte[] CHUNKED = Octets.of("transfer-encoding: chunked\r\n");
    private static final byte[] CRLF = Octets.of("\r\n");

    private final int stream;
    private final byte[] out;
    private int at;
    private @Nullable AsciiString method;
    private @Nullable AsciiString path;
    private @Nullable AsciiString scheme;
    private @Nullable AsciiString authority;
    private boolean regular;
    private boolean sized;
    private boolean crumbs;

    private Http2RequestHead(int stream, byte[] out) {
        this.stream = stream;
        this.out = out;
    }

    /**
     * Writes it.
     *
     * @param stream the stream's number, for the error
     * @param complete whether no body follows. A body without a length is said to be chunked, although its bytes will not be
     * @param out has room for twice the header list
     * @return the number of bytes written
     * @throws Http2Exception a stream error when the list is malformed
     */
    static int write(int stream, Http2Headers headers, boolean complete, byte[] out) throws Http2Exception {
        return new Http2RequestHead(stream, out).write(headers, complete);
    }

    /** Checks the trailers of a request. */
    static void checkTrailers(int stream, Http2Headers trailers) throws Http2Exception {
        Http2RequestHead check = new Http2RequestHead(stream, new byte[0]);
        for (Map.Entry<CharSequence, CharSequence> field : trailers) {
            check.name(AsciiString.of(field.getKey()));
            check.value(AsciiString.of(field.getValue()));
        }
    }

    private int write(Http2Headers headers, boolean complete) throws Http2Exception {
        for (Map.Entry<CharSequence, CharSequence> field : headers) {
            AsciiString name = AsciiString.of(field.getKey());
            AsciiString value = AsciiString.of(field.getValue());
            if (!name.isEmpty() && name.byteAt(0) == ':') {
                pseudo(name, value);
            } else {
                requestLine();
                regular(name, value);
            }
        }
        requestLine();
        if (crumbs) {
            cookie(headers);
        }
        if (!complete && !sized) {
            put(CHUNKED);
        }
        put(CRLF);
        return at;
    }

    /** RFC 9113 section 8.3: before the others, each at most once, and only those that are known. */
    private void pseudo(AsciiString name, AsciiString value) throws Http2Exception {
        if (regular) {
            throw malformed("a pseudo-header behind a header (RFC 9113, 8.3)");
        }
        if (Http2Headers.PseudoHeaderName.METHOD.value().equals(name)) {
            method = once(method, value);
        } else if (Http2Headers.PseudoHeaderName.PATH.value().equals(name)) {
            path = once(path, value);
        } else if (Http2Headers.PseudoHeaderName.SCHEME.value().equals(name)) {
            scheme = once(scheme, value);
        } else if (Http2Headers.PseudoHeaderName.AUTHORITY.value().equals(name)) {
            authority = once(authority, value);
        } else {
            throw malformed("a pseudo-header that requests do not have (RFC 9113, 8.3)");
        }
    }

    private AsciiString once(@Nullable AsciiString before, AsciiString value) throws Http2Exception {
        if (before != null) {
            throw malformed("a pseudo-header twice (RFC 9113, 8.3)");
        }
        return value;
    }

    /** Writes the request line and the host, once all pseudo-headers are in. */
    private void requestLine() throws Http2Exception {
        if (regular) {
            return;
        }
        regular = true;
        AsciiString m = method;
        AsciiString p = path;
        AsciiString s = scheme;
        if (m == null || m.isEmpty() || p == null || p.isEmpty() || s == null) {
            // CONNECT has neither scheme nor path (8.5), and is for forward proxies.
            throw malformed("no :method, :scheme or :path, or an empty one (RFC 9113, 8.3.1)");
        }
        if (!HTTPS.contentEqualsIgnoreCase(s) && !HTTP.contentEqualsIgnoreCase(s)) {
            throw malformed("a :scheme other than http and https");
        }
        for (int i = 0; i < m.length(); i++) {
            if (!Octets.token(m.byteAt(i))) {
                throw malformed("a bad :method (RFC 9110, 9.1)");
            }
        }
        if (p.byteAt(0) != '/' && !(p.length() == 1 && p.byteAt(0) == '*')) {
            throw malformed("a :path that is none (RFC 9113, 8.3.1)");
        }
        for (int i = 0; i < p.length(); i++) {
            if (!Octets.target(p.byteAt(i))) {
                throw malformed("a bad character in :path (RFC 9113, 8.3.1)");
            }
        }
        put(m);
        out[at++] = ' ';
        put(p);
        AsciiString a = authority;
        if (a == null) {
            put(VERSION_ONLY);
            return;
        }
        for (int i = 0; i < a.length(); i++) {
            if (!Octets.host(a.byteAt(i))) {
                throw malformed("a bad :authority (RFC 9113, 8.3.1)");
            }
        }
        put(VERSION);
        put(a);
        put(CRLF);
    }

    private void regular(AsciiString name, AsciiString value) throws Http2Exception {
        name(name);
        value(value);
        for (AsciiString connection : FOR_CONNECTIONS) {
            if (connection.equals(name)) {
                throw malformed("a header for the connection (RFC 9113, 8.2.2)");
            }
        }
        if (TE.equals(name) && !TRAILERS.contentEqualsIgnoreCase(value)) {
            throw malformed("te other than trailers (RFC 9113, 8.2.2)");
        }
        if (COOKIE.equals(name)) {
            crumbs = true;
            return;
        }
        AsciiString a = authority;
        if (HOST.equals(name) && a != null) {
            if (!a.contentEqualsIgnoreCase(value)) {
                throw malformed("a host other than :authority (RFC 9113, 8.3.1)");
            }
            return;
        }
        sized |= CONTENT_LENGTH.equals(name);
        put(name);
        out[at++] = ':';
        out[at++] = ' ';
        put(value);
        put(CRLF);
    }

    /** RFC 9113 section 8.2.3: the crumbs are one field again for who does not speak HTTP/2. */
    private void cookie(Http2Headers headers) {
        put(COOKIE_LINE);
        boolean more = false;
        for (CharSequence crumb : headers.getAll(COOKIE)) {
            if (more) {
                out[at++] = ';';
                out[at++] = ' ';
            }
            more = true;
            put(AsciiString.of(crumb));
        }
        put(CRLF);
    }

    /** RFC 9113 section 8.2: in lower case. */
    private void name(AsciiString name) throws Http2Exception {
        if (name.isEmpty()) {
            throw malformed("a header without a name (RFC 9113, 8.2.1)");
        }
        for (int i = 0; i < name.length(); i++) {
            byte b = name.byteAt(i);
            if (!Octets.token(b) || (b >= 'A' && b <= 'Z')) {
                throw malformed("a bad header name (RFC 9113, 8.2.1)");
            }
        }
    }

    /** RFC 9113 section 8.2.1: no control characters, and no blanks at the ends. */
    private void value(AsciiString value) throws Http2Exception {
        int n = value.length();
        for (int i = 0; i < n; i++) {
            if (!Octets.value(value.byteAt(i))) {
                throw malformed("a control character in a header value (RFC 9113, 8.2.1)");
            }
        }
        if (n > 0 && (Octets.blank(value.byteAt(0)) || Octets.blank(value.byteAt(n - 1)))) {
            throw malformed("a blank at an end of a header value (RFC 9113, 8.2.1)");
        }
    }

    private void put(AsciiString text) {
        System.arraycopy(text.array(), text.arrayOffset(), out, at, text.length());
        at += text.length();
    }

    private void put(byte[] bytes) {
        at = Octets.put(bytes, out, at);
    }

    private Http2Exception malformed(String why) {
        return Http2Exception.streamError(stream, Http2Error.PROTOCOL_ERROR, why);
    }
}
