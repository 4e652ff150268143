package sluice.demo.load;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Clients at work, from {@link #start} to {@link #stop}. */
public final class Load implements AutoCloseable {
    /** A request may be on its way for as long as its client waits. */
    private static final Duration STOP_BOUND = Duration.ofSeconds(45);

    /**
     * How many clients, and how long one pauses between two requests on average.
     *
     * @param streams half of them by server-sent events, half by WebSocket
     */
    public record Size(int writers, int readers, int streams, Duration pause) {}

    /** What is known while it runs. */
    public record Progress(long requests, long acknowledged, long failed, int openStreams) {}

    /** What a stream lived through: how often it was opened, how many events it got, and the last one. */
    public record Heard(int opened, long events, String last) {}

    /** Everything that was noted. */
    public record Recorded(List<Sample> samples, List<Acknowledged> acknowledged, List<Heard> streams) {
        public long failed() {
            return samples.stream().filter(Sample::failed).count();
        }
    }

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = (EventLoop) loops.next();
    private final Records records = new Records();
    private final List<Requester> requesters = new ArrayList<>();
    private final List<Listener> listeners = new ArrayList<>();

    private Load(Target target, Size size) {
        long pauseMicros = size.pause().toNanos() / 1_000;
        for (int i = 0; i < size.writers(); i++) {
            requesters.add(new Writer("writer" + i, loop, target, records, pauseMicros, i));
        }
        for (int i = 0; i < size.readers(); i++) {
            requesters.add(new Reader(loop, target, records, pauseMicros, size.writers() + i));
        }
        for (int i = 0; i < size.streams(); i++) {
            listeners.add(
                    i % 2 == 0 ? new SseListener(loop, target, records) : new SocketListener(loop, target, records));
        }
    }

    public static Load start(Target target, Size size) {
        Load load = new Load(target, size);
        load.onLoop(() -> {
            load.listeners.forEach(Listener::start);
            load.requesters.forEach(Requester::start);
            return null;
        });
        return load;
    }

    public Progress progress() {
        return onLoop(() ->
                new Progress(records.samples().size(), records.acknowledged().size(), records.failed(), (int)
                        listeners.stream().filter(Listener::open).count()));
    }

    /** How often each stream was opened so far, and what it heard. */
    public List<Heard> heard() {
        return onLoop(this::heardOnLoop);
    }

    private List<Heard> heardOnLoop() {
        return listeners.stream()
                .map(listener -> new Heard(listener.opened(), listener.events(), listener.lastEvent()))
                .toList();
    }

    /** Starts no more requests, waits for those on their way, and returns everything that was noted. */
    public Recorded stop() throws InterruptedException, TimeoutException {
        List<CompletableFuture<Void>> ends = onLoop(() -> requesters.stream()
                .map(requester -> {
                    CompletableFuture<Void> end = new CompletableFuture<>();
                    requester.stop(() -> end.complete(null));
                    return end;
                })
                .toList());
        try {
            CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
                    .get(STOP_BOUND.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a client that only completes has failed", e);
        }
        return onLoop(() -> {
            listeners.forEach(Listener::stop);
            return new Recorded(List.copyOf(records.samples()), List.copyOf(records.acknowledged()), heardOnLoop());
        });
    }

    private <T> T onLoop(Callable<T> work) {
        try {
            return loop.submit(work).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking the load", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the load's own code failed", e.getCause());
        }
    }

    /** Hangs up everything at once. */
    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
