package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a connection with a fault means for the others. */
@Timeout(60)
class FrontConnectionsTest {
    private final EventLoop loop = new DefaultEventLoop();
    private final FrontConnections connections = new FrontConnections(loop, 0);
    private final List<String> done = new ArrayList<>();

    @AfterEach
    void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Connection extends FrontConnection {
        private final String name;
        private final boolean faulty;

        Connection(String name, boolean faulty) {
            this.name = name;
            this.faulty = faulty;
        }

        @Override
        void checkDeadline(long now) {
            act("swept");
        }

        @Override
        void stop() {
            act("stopped");
        }

        private void act(String what) {
            if (faulty) {
                throw new IllegalStateException("a fault that the test has made");
            }
            done.add(name + " " + what);
        }

        @Override
        void abort() {
            done.add(name + " closed");
        }
    }

    @Test
    void aConnectionWithAFaultIsClosedAndTheOthersHaveTheirTurn() {
        loop.submit(() -> {
                    connections.add(new Connection("a", false));
                    connections.add(new Connection("b", true));
                    connections.add(new Connection("c", false));
                    connections.sweep(1);
                })
                .syncUninterruptibly();
        loop.submit(() -> assertThat(done).containsExactly("c swept", "a swept", "b closed"))
                .syncUninterruptibly();
    }
}
