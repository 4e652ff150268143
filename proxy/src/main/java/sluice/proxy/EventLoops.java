package sluice.proxy;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.handler.ssl.OpenSsl;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import sluice.proxy.gate.Loop;
import sluice.proxy.listen.SteadyEpoll;

/** The event loops, each with a number. A client's connection and its upstream connections live on one of them. */
final class EventLoops implements AutoCloseable {
    private static final long END_SECONDS = 5;

    private final EventLoopGroup group;
    private final List<EventLoop> loops = new ArrayList<>();
    private final IdentityHashMap<EventLoop, Integer> numbers = new IdentityHashMap<>();

    EventLoops(int count) throws StartProblem {
        requireNatives();
        group = new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory("loop"), SteadyEpoll.factory());
        for (EventExecutor executor : group) {
            EventLoop loop = (EventLoop) executor;
            numbers.put(loop, loops.size());
            loops.add(loop);
        }
    }

    EventLoopGroup group() {
        return group;
    }

    List<EventLoop> loops() {
        return loops;
    }

    /** The number of the loop that a connection lives on. */
    int numberOf(Channel connection) {
        Integer number = numbers.get(connection.eventLoop());
        if (number == null) {
            throw new IllegalArgumentException(connection + " belongs to a loop of somebody else");
        }
        return number;
    }

    /** The loops as the gate sees them. */
    List<Loop> forGate() {
        List<Loop> views = new ArrayList<>();
        for (EventLoop loop : loops) {
            views.add(new Loop() {
                @Override
                public void execute(Runnable task) {
                    loop.execute(task);
                }

                @Override
                public boolean inLoop() {
                    return loop.inEventLoop();
                }
            });
        }
        return views;
    }

    /** Ends the threads, and waits for it. */
    @Override
    public void close() {
        group.shutdownGracefully(0, END_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static void requireNatives() throws StartProblem {
        String advice =
                "; the proxy needs Linux on x86_64 or aarch64 and a temporary folder from which code may be run: "
                        + "try JAVA_OPTS=-Djava.io.tmpdir=FOLDER";
        if (!Epoll.isAvailable()) {
            throw new StartProblem("epoll cannot be used: " + Epoll.unavailabilityCause() + advice);
        }
        if (!OpenSsl.isAvailable()) {
            throw new StartProblem("BoringSSL cannot be used: " + OpenSsl.unavailabilityCause() + advice);
        }
    }
}
