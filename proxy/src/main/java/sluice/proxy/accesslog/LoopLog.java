package sluice.proxy.accesslog;

import java.time.Clock;

/**
 * One event loop's part of the access log: its lines, until there are many or a second has passed. Confined to the loop; after the
 * loop's end, to whoever closes the log.
 */
public final class LoopLog {
    /** So many bytes are handed over at once. */
    private static final int BATCH = 32 << 10;

    private final AccessLog log;
    private final LineForm form;
    private final Stamp stamp;
    private final Entry entry = new Entry();
    private final LineBuffer buffer = new LineBuffer(BATCH + (4 << 10));
    private int lines;

    LoopLog(AccessLog log, LineForm form, Clock clock) {
        this.log = log;
        this.form = form;
        this.stamp = new Stamp(clock);
    }

    /** To be filled, then {@link #write written}. */
    public Entry entry() {
        return entry;
    }

    /** Adds the entry's line, with the time of this call. */
    public void write() {
        stamp.now();
        form.write(entry, stamp, buffer);
        lines++;
        if (buffer.size() >= BATCH) {
            flush();
        }
    }

    /** Hands over what there is. To be called at least once a second. */
    public void flush() {
        if (lines > 0) {
            int n = lines;
            lines = 0;
            log.take(new Batch(buffer.take(), n));
        }
    }
}
