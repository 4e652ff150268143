package sluice.proxy.leak;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakTracker;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Netty's leak detector, but what it finds is kept and can be asked for. Netty makes one for each kind of resource, by the name in the
 * system property {@code io.netty.customResourceLeakDetector}; see the module's pom.
 */
public final class LeakRecorder<T> extends ResourceLeakDetector<T> {
    private static final Queue<LeakRecorder<?>> RECORDERS = new ConcurrentLinkedQueue<>();
    private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();
    private static final long PATIENCE_MILLIS = TimeUnit.SECONDS.toMillis(30);

    /** For Netty. */
    public LeakRecorder(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
        RECORDERS.add(this);
    }

    /** For Netty too: it wants both, and uses this one where it still says how many may be active. */
    public LeakRecorder(Class<?> resourceType, int samplingInterval, long maxActive) {
        this(resourceType, samplingInterval);
    }

    /**
     * What was collected as garbage without having been released, since the last call: one text for each, with where it was used.
     * Collects garbage first.
     */
    static List<String> leaks() throws InterruptedException {
        // After the first, the collector has handed over everything found until then; after the second, that is in
        // Netty's queues.
        collectGarbage();
        collectGarbage();
        RECORDERS.forEach(LeakRecorder::look);
        List<String> leaks = new ArrayList<>();
        for (String leak = FOUND.poll(); leak != null; leak = FOUND.poll()) {
            leaks.add(leak);
        }
        return leaks;
    }

    private static void collectGarbage() throws InterruptedException {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        WeakReference<Object> garbage = new WeakReference<>(new Object(), queue);
        System.gc();
        if (queue.remove(PATIENCE_MILLIS) != garbage) {
            throw new AssertionError("the garbage collector does not run: is -XX:+DisableExplicitGC set?");
        }
    }

    /** A detector looks at its queue when it is given something new to track. */
    @SuppressWarnings("unchecked")
    private void look() {
        T any = (T) new Object();
        ResourceLeakTracker<T> tracker = trackForcibly(any);
        tracker.close(any);
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        FOUND.add("LEAK: " + resourceType + " was not released" + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
        FOUND.add("LEAK: " + resourceType + " was not released");
    }
}
