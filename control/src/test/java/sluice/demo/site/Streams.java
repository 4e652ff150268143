package sluice.demo.site;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;

/**
 * Hands the events that Redis publishes to the open streams. One thread listens to Redis and comes back when the
 * connection breaks; the streams are written on the event loop.
 */
final class Streams implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Streams.class);
    private static final long HEARTBEAT_SECONDS = 5;
    private static final int NO_TIMEOUT = 0;

    private final HostAndPort redis;
    private final ChannelGroup sse;
    private final ChannelGroup sockets;
    private final Thread listener = new Thread(this::listen, "streams");
    private volatile boolean closed;
    private volatile Jedis connection;

    Streams(HostAndPort redis, EventLoop loop) {
        this.redis = redis;
        this.sse = new DefaultChannelGroup(loop);
        this.sockets = new DefaultChannelGroup(loop);
        listener.setDaemon(true);
        listener.start();
        loop.scheduleAtFixedRate(
                () -> send(sse, chunk(":thump\n")), HEARTBEAT_SECONDS, HEARTBEAT_SECONDS, TimeUnit.SECONDS);
    }

    /** Takes a channel whose response head is on its way. */
    void addSse(Channel channel) {
        sse.add(channel);
    }

    /** Takes a channel whose upgrade is done. */
    void addSocket(Channel channel) {
        sockets.add(channel);
    }

    private void listen() {
        while (!closed) {
            try (Jedis jedis = new Jedis(redis, Queue.settings(NO_TIMEOUT))) {
                connection = jedis;
                jedis.subscribe(
                        new JedisPubSub() {
                            @Override
                            public void onMessage(String channel, String message) {
                                publish(message);
                            }
                        },
                        Queue.CHANNEL);
            } catch (RuntimeException e) {
                if (!closed) {
                    LOG.warn("lost Redis at {}, trying again: {}", redis, e.getMessage());
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
                }
            }
        }
    }

    private void publish(String event) {
        send(sse, chunk("event: update\ndata: " + event + "\n\n"));
        send(sockets, new TextWebSocketFrame(event));
    }

    private static void send(ChannelGroup channels, Object message) {
        // Whoever cannot be written to is gone, and leaves the group by itself.
        channels.writeAndFlush(message);
    }

    private static DefaultHttpContent chunk(String text) {
        ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        return new DefaultHttpContent(bytes);
    }

    @Override
    public void close() {
        closed = true;
        Jedis open = connection;
        if (open != null) {
            open.disconnect();
        }
        sse.close().awaitUninterruptibly();
        sockets.close().awaitUninterruptibly();
    }
}
