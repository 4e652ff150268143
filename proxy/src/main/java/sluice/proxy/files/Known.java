package sluice.proxy.files;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What was found under names, also that there was nothing; within a number of names. Reading takes no lock. */
final class Known {
    private final int most;
    private final Map<String, Resource> all = new ConcurrentHashMap<>();

    /** In the order in which they were looked up; guarded by this. */
    private final LinkedHashMap<String, Boolean> order = new LinkedHashMap<>();

    Known(int most) {
        this.most = most;
    }

    @Nullable
    Resource get(String name) {
        return all.get(name);
    }

    synchronized void put(String name, Resource resource) {
        all.put(name, resource);
        order.remove(name);
        order.put(name, Boolean.TRUE);
        if (order.size() > most) {
            String oldest = order.keySet().iterator().next();
            order.remove(oldest);
            all.remove(oldest);
        }
    }
}
