package sluice.proxy.listen;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sluice.proxy.fuzz.Cuts;

/**
 * Fuzz target: what stands before a client's first request, the header of PROXY protocol and the first message of TLS. The same is
 * read however the bytes are cut; what is behind a header is left; a name is one that a certificate could have, and stands in the
 * bytes.
 *
 * <p>Input: a byte that says which of the two, a byte for the cuts, then the client's bytes.
 */
public final class FirstBytesFuzz {
    private FirstBytesFuzz() {}

    /** For Jazzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length < 3) {
            return;
        }
        byte[] bytes = Arrays.copyOfRange(data, 2, data.length);
        if ((data[0] & 1) == 0) {
            proxyHeader(bytes, data[1]);
        } else {
            clientHello(bytes, data[1]);
        }
    }

    /** @param left how many bytes are behind the header; -1 when it is refused, or not whole */
    private record Read(@Nullable ProxyHeader header, boolean refused, int left) {}

    private static void proxyHeader(byte[] bytes, int cuts) {
        Read whole = proxyHeader(List.of(bytes), bytes.length);
        Read cut = proxyHeader(Cuts.of(bytes, cuts), bytes.length);
        same(whole, cut);
        ProxyHeader header = whole.header();
        if (header != null) {
            if ((header.source() == null) != (header.destination() == null)) {
                throw new AssertionError("one address without the other: " + header);
            }
            // What stands before it is all that was read: it reads the same alone, and not without its last byte.
            int length = bytes.length - whole.left();
            same(new Read(header, false, 0), proxyHeader(List.of(Arrays.copyOf(bytes, length)), length));
            if (proxyHeader(List.of(Arrays.copyOf(bytes, length - 1)), length - 1)
                            .header()
                    != null) {
                throw new AssertionError("its last byte does not matter");
            }
        }
    }

    private static Read proxyHeader(List<byte[]> pieces, int length) {
        ByteBuf all = Unpooled.buffer(length);
        int came = 0;
        for (byte[] piece : pieces) {
            all.writeBytes(piece);
            came += piece.length;
            try {
                ProxyHeader header = ProxyHeader.read(all);
                if (header != null) {
                    return new Read(header, false, all.readableBytes() + length - came);
                }
                if (all.readerIndex() != 0) {
                    throw new AssertionError("it reads although it is not whole");
                }
            } catch (ProxyHeader.Malformed e) {
                return new Read(null, true, -1);
            }
        }
        return new Read(null, false, -1);
    }

    private record Hello(
            boolean complete, boolean tooLong, @Nullable String name) {}

    private static void clientHello(byte[] bytes, int cuts) {
        Hello whole = clientHello(List.of(bytes));
        Hello cut = clientHello(Cuts.of(bytes, cuts));
        if (!whole.tooLong() && !cut.tooLong()) {
            same(whole, cut);
        }
        String name = whole.name();
        if (name != null) {
            if (!name.matches("[a-z0-9._-]+")) {
                throw new AssertionError("a name that is none: " + name);
            }
            String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
            if (bytes.length < 600
                    && !withoutRecords(text).toLowerCase(java.util.Locale.ROOT).contains(name)) {
                throw new AssertionError("a name that nobody asked for: " + name);
            }
        }
    }

    /** The records' contents, one behind the other. */
    private static String withoutRecords(String text) {
        StringBuilder all = new StringBuilder();
        for (int at = 0; at + 5 <= text.length(); ) {
            int end = Math.min(text.length(), at + 5 + (text.charAt(at + 3) << 8 | text.charAt(at + 4)));
            all.append(text, at + 5, end);
            at = end;
        }
        return all.toString();
    }

    private static Hello clientHello(List<byte[]> pieces) {
        ClientHello hello = new ClientHello();
        ByteBuf all = Unpooled.buffer();
        for (byte[] piece : pieces) {
            int from = all.writerIndex();
            all.writeBytes(piece);
            boolean complete = hello.feed(all, from, all.writerIndex());
            if (complete || hello.tooLong()) {
                return new Hello(complete, hello.tooLong(), hello.name());
            }
        }
        return new Hello(false, false, hello.name());
    }

    private static void same(Object whole, Object cut) {
        if (!Objects.equals(whole, cut)) {
            throw new AssertionError("whole " + whole + ", in pieces " + cut);
        }
    }
}
