package sluice.proxy.http;

/** How much memory one event loop's request bodies may still take. Confined to the loop. */
final class MemoryBudget {
    private long left;

    MemoryBudget(long bytes) {
        this.left = bytes;
    }

    boolean reserve(long bytes) {
        if (bytes > left) {
            return false;
        }
        left -= bytes;
        return true;
    }

    void free(long bytes) {
        left += bytes;
    }

    long left() {
        return left;
    }
}
