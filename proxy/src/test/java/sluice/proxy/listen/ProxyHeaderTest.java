package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.proxy.config.Network;

class ProxyHeaderTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final String V4 = "c0000201 c6336402 d431 01bb";
    private static final String V6 = "20010db8000000000000000000000001 20010db8000000000000000000000002 d431 01bb";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                // line | source | destination
                "PROXY TCP4 192.0.2.1 198.51.100.2 54321 443 | 192.0.2.1 54321 | 198.51.100.2 443",
                "PROXY TCP4 0.0.0.0 255.255.255.255 0 65535 | 0.0.0.0 0 | 255.255.255.255 65535",
                "PROXY TCP6 2001:db8::1 2001:db8::2 54321 443 | 2001:db8::1 54321 | 2001:db8::2 443",
                "PROXY TCP6 ::ffff:192.0.2.1 ::ffff:198.51.100.2 1 2 | 192.0.2.1 1 | 198.51.100.2 2",
                "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ::1 65535 65535 "
                        + "| ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 | ::1 65535",
                "PROXY UNKNOWN | none | none",
                "PROXY UNKNOWN ffff::1 anything at all | none | none",
            })
    void readsVersion1(String line, String source, String destination) throws Exception {
        complete(ascii(line + "\r\n"), source, destination);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1",
                "proxy TCP4 192.0.2.1 198.51.100.2 54321 443",
                " PROXY TCP4 192.0.2.1 198.51.100.2 54321 443",
                "PROXY  TCP4 192.0.2.1 198.51.100.2 54321 443",
                "PROXY TCP4  192.0.2.1 198.51.100.2 54321 443",
                "PROXY TCP4 192.0.2.1 198.51.100.2 54321 443 ",
                "PROXY TCP4 192.0.2.1 198.51.100.2 54321 443 1",
                "PROXY TCP4 192.0.2.1 198.51.100.2 54321",
                "PROXY TCP4",
                "PROXY TCP5 192.0.2.1 198.51.100.2 54321 443",
                "PROXY UDP4 192.0.2.1 198.51.100.2 54321 443",
                "PROXY UNKNOWNS",
                "PROXY TCP4 192.0.2.256 198.51.100.2 54321 443",
                "PROXY TCP4 192.0.2 198.51.100.2 54321 443",
                "PROXY TCP4 192.0.02.1 198.51.100.2 54321 443",
                "PROXY TCP4 0300.0.2.1 198.51.100.2 54321 443",
                "PROXY TCP4 localhost 198.51.100.2 54321 443",
                "PROXY TCP4 2001:db8::1 2001:db8::2 54321 443",
                "PROXY TCP6 192.0.2.1 198.51.100.2 54321 443",
                "PROXY TCP6 2001:db8::1::2 ::1 54321 443",
                "PROXY TCP6 fe80::1%lo ::1 54321 443",
                "PROXY TCP6 [2001:db8::1] ::1 54321 443",
                "PROXY TCP4 192.0.2.1 198.51.100.2 054321 443",
                "PROXY TCP4 192.0.2.1 198.51.100.2 65536 443",
                "PROXY TCP4 192.0.2.1 198.51.100.2 -1 443",
                "PROXY TCP4 192.0.2.1 198.51.100.2 0x10 443",
                "PROXY TCP4 192.0.2.1 198.51.100.2 99999999999 443",
                "PROXY TCP4 192.0.2.1 198.51.100.2 54321 443\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 54321 443\r",
                "PROXY TCP4 192.0.2.1\t198.51.100.2 54321 443",
            })
    void refusesWhatIsNotVersion1(String line) {
        malformed(ascii(line + "\r\n"));
    }

    @Test
    void aLineEndsInCrLfWithin107Bytes() throws Exception {
        malformed(ascii("PROXY UNKNOWN\n"));
        String longest = "PROXY UNKNOWN " + "x".repeat(107 - 2 - 14);
        complete(ascii(longest + "\r\n"), null, null);
        malformed(ascii(longest + "x\r\n"));
        malformed(ascii(longest + "xx"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "21 11 000c " + V4 + " | 192.0.2.1 54321 | 198.51.100.2 443",
                "21 21 0024 " + V6 + " | 2001:db8::1 54321 | 2001:db8::2 443",
                "21 21 0024 00000000000000000000ffffc0000201 00000000000000000000ffffc6336402 0001 0002 "
                        + "| 192.0.2.1 1 | 198.51.100.2 2",
                // further fields are skipped: one with three bytes, one that is empty
                "21 11 0015 " + V4 + " 040003aabbcc 020000 | 192.0.2.1 54321 | 198.51.100.2 443",
                // LOCAL, with and without something to ignore
                "20 00 0000 | none | none",
                "20 11 000c " + V4 + " | none | none",
                "20 99 0003 aabbcc | none | none",
                // unspecified
                "21 00 0000 | none | none",
                "21 00 0005 0102030405 | none | none",
            })
    void readsVersion2(String hex, String source, String destination) throws Exception {
        complete(hex(SIGNATURE + hex), source, destination);
    }

    @Test
    void readsUnixSocketsAsUnknown() throws Exception {
        complete(hex(SIGNATURE + "21 31 00d8" + "00".repeat(216)), null, null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "11 11 000c " + V4, // version 1 in the form of 2
                "31 11 000c " + V4,
                "22 11 000c " + V4, // a command that does not exist
                "2f 11 000c " + V4,
                "21 12 000c " + V4, // datagrams
                "21 22 0024 " + V6,
                "21 32 0000",
                "21 01 0000",
                "21 10 000c " + V4,
                "21 13 000c " + V4,
                "21 41 000c " + V4,
                "21 11 000b c0000201 c6336402 d431 01", // too short
                "21 11 0000",
                "21 21 000c " + V4,
                "21 31 0004 00000000",
                "21 11 000d " + V4 + " 04", // fields that do not end where the header does
                "21 11 000e " + V4 + " 0400",
                "21 11 0010 " + V4 + " 040002 aa",
                "21 11 0012 " + V4 + " 040002 aabb 04",
                "21 11 1001", // more than 4 KiB
                "21 11 ffff",
            })
    void refusesWhatIsNotVersion2(String hex) {
        malformed(hex(SIGNATURE + hex));
    }

    @Test
    void refusesASignatureThatIsNotWhole() {
        for (int i = 1; i < SIGNATURE.length() / 2; i++) {
            byte[] wrong = HexFormat.of().parseHex(SIGNATURE);
            wrong[i] ^= 1;
            malformed(Unpooled.wrappedBuffer(wrong, 0, i + 1));
        }
    }

    /** Every beginning of it asks for more and reads nothing; all of it is read, and nothing behind it. */
    private static void complete(ByteBuf header, String source, String destination) throws Exception {
        int size = header.readableBytes();
        for (int n = 0; n < size; n++) {
            ByteBuf part = header.copy(0, n);
            assertThat(ProxyHeader.read(part)).as("the first %s bytes", n).isNull();
            assertThat(part.readableBytes()).isEqualTo(n);
        }
        ByteBuf more = Unpooled.wrappedBuffer(header, ascii("PROXY"));
        ProxyHeader read = ProxyHeader.read(more);
        assertThat(read).isEqualTo(new ProxyHeader(address(source), address(destination)));
        assertThat(more.toString(StandardCharsets.US_ASCII)).isEqualTo("PROXY");
    }

    private static void malformed(ByteBuf header) {
        assertThatThrownBy(() -> ProxyHeader.read(header)).isInstanceOf(ProxyHeader.Malformed.class);
    }

    private static InetSocketAddress address(String text) {
        if (text == null) {
            return null;
        }
        String[] words = text.split(" ", 2);
        return new InetSocketAddress(Network.address(words[0]), Integer.parseInt(words[1]));
    }

    private static ByteBuf ascii(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private static ByteBuf hex(String text) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
    }
}
