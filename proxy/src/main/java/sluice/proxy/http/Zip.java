package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import sluice.proxy.files.Compressible;
import sluice.proxy.upstream.Octets;

/** Compresses one body after another as gzip (RFC 1952), part by part. Confined to its event loop. */
final class Zip {
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    private static final byte[] END = Octets.of("0\r\n\r\n");
    /** Room for a chunk's size in hexadecimal digits and CRLF. */
    private static final int CHUNK_LINE = 10;

    private final Deflater deflater = new Deflater(Compressible.LEVEL, true);
    private final CRC32 crc = new CRC32();
    private boolean chunked;
    private boolean begun;
    private long size;

    /**
     * Another body.
     *
     * @param inChunks whether what comes out is framed as chunks (RFC 9112 section 7.1)
     */
    void reset(boolean inChunks) {
        deflater.reset();
        crc.reset();
        chunked = inChunks;
        begun = false;
        size = 0;
    }

    /**
     * Compresses a part. What comes out lets the client have all of it: parts are what the site sent at a time, and some sites send
     * the beginning of a page ahead.
     *
     * @param data taken over
     * @return to be released by the caller; may be empty
     */
    ByteBuf add(ByteBufAllocator alloc, ByteBuf data, boolean last) {
        try {
            int n = data.readableBytes();
            ByteBuf out = alloc.directBuffer(CHUNK_LINE + HEADER.length + n / 3 + 64);
            out.setIndex(CHUNK_LINE, CHUNK_LINE);
            if (n > 0 || last) {
                deflate(data, n, last, out);
            }
            return chunked ? framed(out, last) : out;
        } finally {
            data.release();
        }
    }

    private void deflate(ByteBuf data, int n, boolean last, ByteBuf out) {
        if (!begun) {
            begun = true;
            out.writeBytes(HEADER);
        }
        ByteBuffer in = data.nioBuffer();
        crc.update(in.duplicate());
        size += n;
        deflater.setInput(in);
        if (last) {
            deflater.finish();
        }
        int flush = last ? Deflater.NO_FLUSH : Deflater.SYNC_FLUSH;
        boolean full = true;
        while (full) {
            out.ensureWritable(256);
            ByteBuffer to = out.nioBuffer(out.writerIndex(), out.writableBytes());
            out.writerIndex(out.writerIndex() + deflater.deflate(to, flush));
            full = last ? !deflater.finished() : !to.hasRemaining();
        }
        if (last) {
            out.writeIntLE((int) crc.getValue());
            out.writeIntLE((int) size);
        }
    }

    private static ByteBuf framed(ByteBuf out, boolean last) {
        int n = out.readableBytes();
        if (n > 0) {
            int at = out.readerIndex();
            out.setByte(--at, '\n');
            out.setByte(--at, '\r');
            for (int rest = n; rest > 0; rest >>>= 4) {
                out.setByte(--at, Character.forDigit(rest & 15, 16));
            }
            out.readerIndex(at);
            out.writeByte('\r').writeByte('\n');
        }
        if (last) {
            out.writeBytes(END);
        }
        return out;
    }
}
