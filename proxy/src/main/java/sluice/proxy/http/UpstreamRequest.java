package sluice.proxy.http;

import sluice.proxy.upstream.Field;
import sluice.proxy.upstream.Octets;

/**
 * Writes the head of the request that goes upstream. What signatures cover (target, Host, Date, Digest, Signature …) goes byte
 * for byte; what says who asks is set by us, whatever the client sent.
 */
final class UpstreamRequest {
    private static final byte[] VERSION = Octets.of(" HTTP/1.1\r\n");
    private static final byte[] HOST = Octets.of("Host: ");
    private static final byte[] LENGTH = Octets.of("Content-Length: ");
    private static final byte[] UPGRADE = Octets.of("Connection: upgrade\r\nUpgrade: ");
    private static final byte[] FORWARDED_FOR = Octets.of("X-Forwarded-For: ");
    private static final byte[] PROTO_HTTPS = Octets.of("\r\nX-Forwarded-Proto: https\r\nX-Real-IP: ");
    private static final byte[] PROTO_HTTP = Octets.of("\r\nX-Forwarded-Proto: http\r\nX-Real-IP: ");
    private static final byte[] HELD = Octets.of("X-Held-Ms: ");
    private static final byte[] VIA = Octets.of("Via: 1.1 sluice\r\n");
    private static final byte[] CRLF = Octets.of("\r\n");

    private static final long DROP = Field.HOP_BY_HOP
            | Field.mask(Field.TRANSFER_ENCODING)
            | Field.mask(Field.X_FORWARDED_FOR)
            | Field.mask(Field.X_FORWARDED_PROTO)
            | Field.mask(Field.X_REAL_IP)
            | Field.mask(Field.X_HELD_MS);

    private UpstreamRequest() {}

    /**
     * Writes it.
     *
     * @param client the client's address as text
     * @param size the size of the body, which is complete
     * @param heldMillis how long the request waited at the gate; 0 when it did not
     * @param elsewhere whether whoever gets it is not to send it on to where it came from: see {@link LocalFiles#wasElsewhere}
     * @param out has room for twice the head and 1 KiB
     * @return the number of bytes written
     */
    static int write(
            RequestHead head, byte[] client, boolean tls, long size, long heldMillis, boolean elsewhere, byte[] out) {
        byte[] in = head.bytes();
        int at = copy(in, head.methodStart(), head.methodEnd(), out, 0);
        out[at++] = ' ';
        at = copy(in, head.pathStart(), head.targetEnd(), out, at);
        at = Octets.put(VERSION, out, at);
        long drop = DROP;
        if (!head.expectsElse()) {
            // 100-continue was answered here (RFC 9110 10.1.1).
            drop |= Field.mask(Field.EXPECT);
        }
        if (head.absolute()) {
            // RFC 9112 3.2.2: a new Host, from the target.
            drop |= Field.mask(Field.HOST);
            at = Octets.put(HOST, out, at);
            at = copy(in, head.hostStart(), head.hostEnd(), out, at);
            at = Octets.put(CRLF, out, at);
        }
        at = head.writeFields(drop, out, at);
        if (head.chunked()) {
            at = Octets.put(LENGTH, out, at);
            at = Octets.decimal(size, out, at);
            at = Octets.put(CRLF, out, at);
        }
        if (head.upgrade()) {
            at = Octets.put(UPGRADE, out, at);
            int field = head.upgradeField();
            at = copy(in, head.valueStart(field), head.valueEnd(field), out, at);
            at = Octets.put(CRLF, out, at);
        }
        at = Octets.put(FORWARDED_FOR, out, at);
        at = Octets.put(client, out, at);
        at = Octets.put(tls ? PROTO_HTTPS : PROTO_HTTP, out, at);
        at = Octets.put(client, out, at);
        at = Octets.put(CRLF, out, at);
        if (heldMillis > 0) {
            at = Octets.put(HELD, out, at);
            at = Octets.decimal(heldMillis, out, at);
            at = Octets.put(CRLF, out, at);
        }
        if (elsewhere) {
            at = Octets.put(VIA, out, at);
        }
        return Octets.put(CRLF, out, at);
    }

    private static int copy(byte[] in, int start, int end, byte[] out, int at) {
        System.arraycopy(in, start, out, at, end - start);
        return at + end - start;
    }
}
