package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Writers and a reader that never stop, through restarts of the proxy. Each writer has a connection, sends one write after another,
 * each with an id that it uses once, and remembers what it was told; when its connection ends it makes a new one.
 */
final class WriteLoad {
    private final List<Thread> threads = new ArrayList<>();
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();
    private final Set<String> shed = ConcurrentHashMap.newKeySet();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger cutOff = new AtomicInteger();
    private final AtomicInteger reads = new AtomicInteger();
    private volatile int port;
    private volatile boolean over;

    WriteLoad(int writers, int port) {
        this.port = port;
        for (int i = 0; i < writers; i++) {
            String writer = "w" + i;
            threads.add(new Thread(() -> run(new Writer(writer)::once), writer));
        }
        threads.add(new Thread(() -> run(this::read), "reader"));
        threads.forEach(Thread::start);
    }

    /** What is done on a connection, again and again. */
    private interface Step {
        void on(Line line) throws IOException;
    }

    /** Where the proxy is now. */
    void goTo(int newPort) {
        port = newPort;
    }

    /** Writes that were answered 200, with the side that said so. */
    Map<String, String> acknowledged() {
        return acknowledged;
    }

    /** Writes that were answered 503. */
    Set<String> shed() {
        return shed;
    }

    /** How often a connection ended while an answer was awaited. */
    int cutOff() {
        return cutOff.get();
    }

    int reads() {
        return reads.get();
    }

    /** Answers that nobody should have got. */
    Queue<String> wrong() {
        return wrong;
    }

    private void run(Step step) {
        while (!over) {
            try (Line line = Line.plain(port)) {
                while (!over) {
                    step.on(line);
                    // It is about what becomes of each, not about how many there are.
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
                }
            } catch (IOException e) {
                // Not there: it is being started again.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
    }

    private final class Writer {
        private final String name;
        private int number;

        Writer(String name) {
            this.name = name;
        }

        void once(Line line) throws IOException {
            String id = name + ":" + ++number;
            Line.Answer answer = answer(line.send(Line.write(id)));
            if (answer.status() == 200 && answer.body().matches("(old|new) " + id)) {
                acknowledged.put(id, answer.body().substring(0, 3));
            } else if (answer.status() == 503 && answer.head().contains("\r\nRetry-After: ")) {
                shed.add(id);
            } else {
                wrong.add(id + ": " + answer);
            }
        }
    }

    private void read(Line line) throws IOException {
        Line.Answer answer = answer(line.send(Line.READ));
        if (answer.status() == 200 && answer.body().matches("old|new")) {
            reads.incrementAndGet();
        } else {
            wrong.add("a read: " + answer);
        }
    }

    private Line.Answer answer(Line line) throws IOException {
        try {
            return line.answer();
        } catch (IOException e) {
            cutOff.incrementAndGet();
            throw e;
        }
    }

    /** Lets everybody end with the answer that is awaited now. */
    void end() throws InterruptedException {
        over = true;
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(DistProxy.PATIENCE_SECONDS));
            assertThat(thread.isAlive()).as("%s still waits", thread.getName()).isFalse();
        }
    }

    /**
     * Compares with the sites' books: nothing twice, what was acknowledged is where it is said to be, what was asked to retry is
     * nowhere, and nobody got a wrong answer.
     */
    void balance(WriteSite old, WriteSite next) {
        assertThat(wrong).isEmpty();
        Map<String, Integer> onOld = old.writes();
        Map<String, Integer> onNew = next.writes();
        assertThat(onOld).allSatisfy((id, times) -> assertThat(times).as(id).isEqualTo(1));
        assertThat(onNew).allSatisfy((id, times) -> assertThat(times).as(id).isEqualTo(1));
        assertThat(onOld.keySet()).as("on one side only").doesNotContainAnyElementsOf(onNew.keySet());
        assertThat(acknowledged)
                .allSatisfy((id, side) -> assertThat(side.equals("old") ? onOld : onNew)
                        .as("acknowledged by %s", side)
                        .containsKey(id));
        assertThat(shed).allSatisfy(id -> {
            assertThat(onOld).doesNotContainKey(id);
            assertThat(onNew).doesNotContainKey(id);
        });
    }
}
