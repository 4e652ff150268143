package sluice.demo.load;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.concurrent.TimeUnit;

/**
 * A stream that is opened again whenever the other end closes it in the way its protocol has for that. Only on its event
 * loop.
 */
abstract class Listener {
    private static final int OPEN_SECONDS = 40;
    private static final long AGAIN_MILLIS = 200;

    private final EventLoop loop;
    private final Target target;
    private final Records records;
    private Channel channel;
    private long started;
    private boolean opening;
    private boolean ended;
    private boolean stopped;
    private int opened;
    private long events;
    private String lastEvent = "";

    Listener(EventLoop loop, Target target, Records records) {
        this.loop = loop;
        this.target = target;
        this.records = records;
    }

    /** Puts its handlers into a new connection, this one's {@link Frames} last. */
    abstract void prepare(Channel channel, Target target);

    final void start() {
        if (stopped) {
            return;
        }
        started = System.nanoTime();
        opening = true;
        ended = false;
        var connecting = Client.connect(loop, target, new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel created) {
                prepare(created, target);
            }
        });
        channel = connecting.channel();
        Channel mine = channel;
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                failed(mine, 0, "cannot connect: " + done.cause());
            }
        });
        loop.schedule(
                () -> {
                    if (opening && channel == mine) {
                        failed(mine, 0, "not open after " + OPEN_SECONDS + " s");
                    }
                },
                OPEN_SECONDS,
                TimeUnit.SECONDS);
    }

    final void stop() {
        stopped = true;
        if (channel != null) {
            channel.close();
        }
    }

    /** Whether it is open now. */
    final boolean open() {
        return channel != null && channel.isActive() && !opening;
    }

    /** How often it was opened. */
    final int opened() {
        return opened;
    }

    final long events() {
        return events;
    }

    /** The event that came last, as it came; empty when none did. */
    final String lastEvent() {
        return lastEvent;
    }

    final void succeeded(int status) {
        opening = false;
        opened++;
        records.add(new Sample(Sample.Kind.STREAM, started, System.nanoTime() - started, status, null));
    }

    final void event(String event) {
        events++;
        lastEvent = event;
    }

    /** The other end has ended the stream in order. */
    final void endedInOrder(Channel from) {
        ended = true;
        from.close();
    }

    /** Counts a failure once for each connection, and comes back. */
    final void failed(Channel from, int status, String error) {
        if (stopped || from != channel) {
            return;
        }
        records.add(new Sample(Sample.Kind.STREAM, started, System.nanoTime() - started, status, error));
        again(from);
    }

    private void again(Channel from) {
        channel = null;
        opening = false;
        from.close();
        loop.schedule(this::start, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The end of every stream's pipeline. */
    abstract class Frames<T> extends SimpleChannelInboundHandler<T> {
        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (ended && !stopped && context.channel() == channel) {
                again(channel);
            } else {
                failed(context.channel(), 0, opening ? "closed before it was open" : "cut off");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failed(context.channel(), 0, cause.toString());
            context.close();
        }
    }
}
