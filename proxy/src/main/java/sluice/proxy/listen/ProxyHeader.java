package sluice.proxy.listen;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.Network;

/**
 * A header of PROXY protocol, version 1 or 2, as HAProxy's specification (proxy-protocol.txt, 2.1 to 2.3) has it. Anything else is
 * refused as soon as it can be told.
 *
 * @param source where the client is, or null when the balancer speaks for itself or does not know
 * @param destination what the client connected to; null together with {@code source}
 */
record ProxyHeader(
        @Nullable InetSocketAddress source, @Nullable InetSocketAddress destination) {
    private static final ProxyHeader UNKNOWN = new ProxyHeader(null, null);

    /** Section 2.1: the longest line of version 1, with its CRLF. */
    private static final int LONGEST_LINE = 107;

    private static final byte[] LINE = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    private static final int FIXED = 16;
    /** The specification would let 64 KiB through; addresses and every field in use today fit well into this. */
    private static final int LONGEST_REST = 4096;

    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}");
    private static final Pattern LEADING_ZERO = Pattern.compile("(?:^|\\.)0[0-9]");
    private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");

    /** Not PROXY protocol, or not as it has to be. */
    static final class Malformed extends Exception {
        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * Reads a header, and nothing behind it.
     *
     * @return null when more bytes are needed; nothing has been read then
     */
    static @Nullable ProxyHeader read(ByteBuf in) throws Malformed {
        if (!in.isReadable()) {
            return null;
        }
        if (in.getByte(in.readerIndex()) == SIGNATURE[0]) {
            return begins(in, SIGNATURE) ? binary(in) : null;
        }
        return begins(in, LINE) ? line(in) : null;
    }

    /** Whether the whole of the beginning is there. */
    private static boolean begins(ByteBuf in, byte[] beginning) throws Malformed {
        int n = Math.min(in.readableBytes(), beginning.length);
        for (int i = 0; i < n; i++) {
            if (in.getByte(in.readerIndex() + i) != beginning[i]) {
                throw new Malformed("it does not begin with a header of PROXY protocol");
            }
        }
        return n == beginning.length;
    }

    /** Section 2.1: {@code PROXY TCP4 192.0.2.1 198.51.100.1 56324 443} and CRLF. */
    private static @Nullable ProxyHeader line(ByteBuf in) throws Malformed {
        int most = Math.min(in.readableBytes(), LONGEST_LINE);
        int length = in.bytesBefore(most, (byte) '\n');
        if (length < 0) {
            if (most == LONGEST_LINE) {
                throw new Malformed("a line of version 1 that does not end within 107 bytes");
            }
            return null;
        }
        String line = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
        if (!line.endsWith("\r")) {
            throw new Malformed("a line of version 1 that does not end in CR LF");
        }
        line = line.substring(LINE.length, line.length() - 1);
        ProxyHeader header;
        if (line.equals("UNKNOWN") || line.startsWith("UNKNOWN ")) {
            // What follows is to be ignored.
            header = UNKNOWN;
        } else {
            String[] words = line.split(" ", -1);
            if (words.length != 5 || !(words[0].equals("TCP4") || words[0].equals("TCP6"))) {
                throw new Malformed("a line of version 1 that is not TCP4 or TCP6, two addresses and two ports");
            }
            boolean six = words[0].equals("TCP6");
            header = new ProxyHeader(address(words[1], words[3], six), address(words[2], words[4], six));
        }
        in.skipBytes(length + 1);
        return header;
    }

    private static InetSocketAddress address(String address, String port, boolean six) throws Malformed {
        boolean shaped = six
                ? address.contains(":")
                : IPV4.matcher(address).matches()
                        && !LEADING_ZERO.matcher(address).find();
        InetAddress literal = shaped ? Network.address(address) : null;
        if (literal == null) {
            throw new Malformed("an address of version 1 that is none");
        }
        if (!PORT.matcher(port).matches() || Integer.parseInt(port) > 65_535) {
            throw new Malformed("a port of version 1 that is none");
        }
        return new InetSocketAddress(literal, Integer.parseInt(port));
    }

    /** Section 2.2. */
    private static @Nullable ProxyHeader binary(ByteBuf in) throws Malformed {
        int at = in.readerIndex();
        if (in.readableBytes() > 12 && (in.getByte(at + 12) & 0xf0) != 0x20) {
            throw new Malformed("a version other than 2");
        }
        if (in.readableBytes() < FIXED) {
            return null;
        }
        int command = in.getByte(at + 12) & 0x0f;
        if (command > 1) {
            throw new Malformed("command " + command + " of version 2, which does not exist");
        }
        int length = in.getUnsignedShort(at + 14);
        if (length > LONGEST_REST) {
            throw new Malformed("a header of version 2 with " + length + " bytes, more than " + LONGEST_REST);
        }
        if (in.readableBytes() < FIXED + length) {
            return null;
        }
        // Command 0, LOCAL: a health check of the balancer's own; the rest is to be ignored.
        ProxyHeader header =
                command == 0 ? UNKNOWN : addresses(in.slice(at + FIXED, length), in.getUnsignedByte(at + 13));
        in.skipBytes(FIXED + length);
        return header;
    }

    private static ProxyHeader addresses(ByteBuf rest, int family) throws Malformed {
        int size = switch (family) {
            case 0x00 -> 0;
            case 0x11 -> 4;
            case 0x21 -> 16;
            case 0x31 -> 108;
            default ->
                throw new Malformed("family and transport " + Integer.toHexString(family)
                        + " of version 2: not TCP, or they do not exist");
        };
        int ports = family == 0x11 || family == 0x21 ? 4 : 0;
        if (rest.readableBytes() < 2 * size + ports) {
            throw new Malformed("a header of version 2 that is too short for its addresses");
        }
        if (ports == 0) {
            rest.skipBytes(family == 0 ? rest.readableBytes() : 2 * size);
            skipFields(rest);
            return UNKNOWN;
        }
        byte[] source = new byte[size];
        byte[] destination = new byte[size];
        rest.readBytes(source).readBytes(destination);
        int sourcePort = rest.readUnsignedShort();
        int destinationPort = rest.readUnsignedShort();
        skipFields(rest);
        try {
            return new ProxyHeader(
                    new InetSocketAddress(InetAddress.getByAddress(source), sourcePort),
                    new InetSocketAddress(InetAddress.getByAddress(destination), destinationPort));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + size + " bytes", e);
        }
    }

    /** Section 2.2: each further field has a type, a length and a value; they have to end where the header does. */
    private static void skipFields(ByteBuf rest) throws Malformed {
        while (rest.isReadable()) {
            if (rest.readableBytes() < 3 || rest.readableBytes() < 3 + rest.getUnsignedShort(rest.readerIndex() + 1)) {
                throw new Malformed("a field of version 2 that goes beyond its header");
            }
            rest.skipBytes(3 + rest.getUnsignedShort(rest.readerIndex() + 1));
        }
    }
}
