package sluice.proxy.files;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The contents of small files, within a budget; what was not wanted for the longest time goes first. The arrays are never written
 * to once they are in here. Reading takes no lock; the order changes only on the files' threads.
 */
final class Contents {
    /** A file's content, or that content compressed by us. */
    record Key(Stored file, boolean zipped) {}

    private final long budget;
    private final Map<Key, byte[]> all = new ConcurrentHashMap<>();

    /** In the order of their last {@link #touch}; guarded by this. */
    private final LinkedHashMap<Key, Integer> order = new LinkedHashMap<>(16, 0.75f, true);

    private long size;

    /**
     * An empty cache.
     *
     * @param budget the most bytes that all contents together may have; 0 keeps nothing
     */
    Contents(long budget) {
        this.budget = budget;
    }

    byte @Nullable [] get(Key key) {
        return all.get(key);
    }

    /** It was wanted just now. */
    synchronized void touch(Key key) {
        order.get(key);
    }

    synchronized void put(Key key, byte[] content) {
        if (content.length > budget || order.put(key, content.length) != null) {
            return;
        }
        all.put(key, content);
        size += content.length;
        Iterator<Map.Entry<Key, Integer>> oldest = order.entrySet().iterator();
        while (size > budget) {
            Map.Entry<Key, Integer> entry = oldest.next();
            size -= entry.getValue();
            all.remove(entry.getKey());
            oldest.remove();
        }
    }

    /** Bytes in all contents. */
    synchronized long size() {
        return size;
    }
}
