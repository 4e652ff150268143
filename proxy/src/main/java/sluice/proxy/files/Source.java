package sluice.proxy.files;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** An open file whose bytes are read part by part on the files' threads. Used by one request, which has to close it. */
public final class Source {
    /** Called where the reader wants it. */
    public interface Then {
        /**
         * A part was read.
         *
         * @param failure why it was not, or null
         */
        void read(@Nullable IOException failure);
    }

    private final FileChannel file;
    private final Executor thread;

    Source(FileChannel file, Executor thread) {
        this.file = file;
        this.thread = thread;
    }

    /**
     * Fills the buffer.
     *
     * @param into nobody else may use it until {@code then}
     * @param at where in the file
     * @param where {@code then} is called
     */
    public void read(ByteBuffer into, long at, Executor where, Then then) {
        thread.execute(() -> {
            IOException failure = fill(into, at);
            where.execute(() -> then.read(failure));
        });
    }

    private @Nullable IOException fill(ByteBuffer into, long at) {
        try {
            long from = at;
            while (into.hasRemaining()) {
                int n = file.read(into, from);
                if (n < 0) {
                    return new EOFException("the file has become shorter");
                }
                from += n;
            }
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    /** Closes the file, behind a read that is under way. */
    public void close() {
        thread.execute(() -> {
            try {
                file.close();
            } catch (IOException e) {
                // It was only read from: nothing is lost.
            }
        });
    }
}
