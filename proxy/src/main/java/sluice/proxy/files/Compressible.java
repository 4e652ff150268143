package sluice.proxy.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** What is worth compressing, by Mastodon's nginx.conf: {@code gzip_types}, with text/html that nginx always adds. */
public final class Compressible {
    /** The level that Mastodon's nginx.conf has. */
    public static final int LEVEL = 6;
    /** What is shorter than this gets no shorter: {@code gzip_min_length} of nginx. */
    public static final int LEAST = 20;

    private static final List<byte[]> TYPES = List.of(
                    "text/html",
                    "text/plain",
                    "text/css",
                    "application/json",
                    "application/javascript",
                    "text/xml",
                    "application/xml",
                    "application/rss+xml",
                    "text/javascript",
                    "image/svg+xml",
                    "image/x-icon")
            .stream()
            .map(type -> type.getBytes(StandardCharsets.US_ASCII))
            .toList();

    private Compressible() {}

    /** Whether a media type is one of them; parameters behind a semicolon do not count, nor does the case of letters. */
    public static boolean type(byte[] bytes, int from, int to) {
        int end = from;
        while (end < to && bytes[end] != ';' && bytes[end] != ' ') {
            end++;
        }
        for (byte[] type : TYPES) {
            if (type.length == end - from && same(bytes, from, type)) {
                return true;
            }
        }
        return false;
    }

    static boolean type(String type) {
        byte[] bytes = type.getBytes(StandardCharsets.ISO_8859_1);
        return type(bytes, 0, bytes.length);
    }

    /** Whether a client takes gzip and does not refuse it with {@code q=0}; {@code accepted} is the value of Accept-Encoding. */
    public static boolean gzipAccepted(String accepted) {
        return Coding.GZIP.weight(accepted) > 0;
    }

    private static boolean same(byte[] bytes, int from, byte[] type) {
        for (int i = 0; i < type.length; i++) {
            byte b = bytes[from + i];
            if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != type[i]) {
                return false;
            }
        }
        return true;
    }

    /** The whole content as a gzip file (RFC 1952). */
    static byte[] zipped(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(content.length / 2 + 64);
        try (GZIPOutputStream gzip = new Zip(out)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot fail", e);
        }
        return out.toByteArray();
    }

    private static final class Zip extends GZIPOutputStream {
        Zip(ByteArrayOutputStream out) throws IOException {
            super(out);
            def.setLevel(LEVEL);
        }
    }
}
