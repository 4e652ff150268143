package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One request body on disk. To be used on its event loop; the work is done on the spool's thread. */
final class SpoolFile {
    /** Who writes and reads the file. Called on the event loop; not after {@link #close}. */
    interface Owner {
        /** Something that was written is on its way to the disk. */
        void spooled();

        /** What was asked for; to be released by the owner. */
        void read(ByteBuf data);

        void spoolFailed(IOException cause);
    }

    private final Spool spool;
    private final Executor thread;
    private final EventLoop loop;
    private final Owner owner;
    private int backlog;
    private long size;
    private boolean closed;

    /** Belongs to the spool's thread. */
    private @Nullable FileChannel file;

    SpoolFile(Spool spool, Executor thread, EventLoop loop, Owner owner) {
        this.spool = spool;
        this.thread = thread;
        this.loop = loop;
        this.owner = owner;
    }

    /** Appends, and takes the buffer over. Returns false, and keeps nothing, when the budget is used up. */
    boolean append(ByteBuf data) {
        assert loop.inEventLoop();
        int n = data.readableBytes();
        if (!spool.reserve(n)) {
            data.release();
            return false;
        }
        size += n;
        backlog += n;
        work(() -> {
            try {
                FileChannel to = file;
                if (to == null) {
                    to = spool.create();
                    file = to;
                }
                while (data.isReadable()) {
                    data.readBytes(to, data.readableBytes());
                }
            } finally {
                data.release();
            }
            return () -> {
                backlog -= n;
                owner.spooled();
            };
        });
        return true;
    }

    /** Bytes that are still to be written. */
    int backlog() {
        return backlog;
    }

    long size() {
        return size;
    }

    /** Reads a part, which has to lie within the file; {@link Owner#read} follows. */
    void read(ByteBufAllocator alloc, long at, int n) {
        work(() -> {
            FileChannel from = file;
            if (from == null) {
                throw new IOException("the spool file was never written");
            }
            ByteBuf data = alloc.directBuffer(n);
            try {
                while (data.readableBytes() < n) {
                    if (data.writeBytes(from, at + data.readableBytes(), n - data.readableBytes()) < 0) {
                        throw new IOException("the spool file is shorter than what was written");
                    }
                }
            } catch (IOException | RuntimeException e) {
                data.release();
                throw e;
            }
            return new Delivery(data);
        });
    }

    void close() {
        if (closed) {
            return;
        }
        closed = true;
        thread.execute(() -> {
            try {
                FileChannel open = file;
                if (open != null) {
                    open.close();
                }
            } catch (IOException e) {
                // The file has no name and its bytes are of no use any more: nothing is left to be done.
            } finally {
                spool.free(size);
            }
        });
    }

    private interface Work {
        /** Done on the spool's thread; what it returns is done on the loop afterwards, unless the file was closed meanwhile. */
        Runnable run() throws IOException;
    }

    private void work(Work work) {
        thread.execute(() -> {
            Runnable then;
            try {
                then = work.run();
            } catch (IOException e) {
                then = () -> owner.spoolFailed(e);
            } catch (RuntimeException | OutOfMemoryError e) {
                // Such as no memory for a buffer: the request must not wait for ever.
                then = () -> owner.spoolFailed(new IOException(e));
            }
            Runnable report = then;
            loop.execute(() -> {
                if (!closed) {
                    report.run();
                } else if (report instanceof Delivery delivery) {
                    delivery.data.release();
                }
            });
        });
    }

    private final class Delivery implements Runnable {
        private final ByteBuf data;

        Delivery(ByteBuf data) {
            this.data = data;
        }

        @Override
        public void run() {
            owner.read(data);
        }
    }
}
