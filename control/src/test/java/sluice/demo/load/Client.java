package sluice.demo.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A client with one kept-alive connection and at most one request at a time. Nothing is tried twice: what was on its way
 * when the connection broke has failed. Only on its event loop.
 */
final class Client {
    /** Longer than any wait that the proxy allows, so that it is the proxy's answer that is seen. */
    private static final int TIMEOUT_SECONDS = 40;

    private static final int CONNECT_MILLIS = 5_000;
    private static final int MAX_ANSWER = 1024 * 1024;

    /** What became of a request. {@code error} is null when a whole answer came, whatever its status. */
    record Answer(int status, String body, String error) {
        static Answer failed(String error) {
            return new Answer(0, "", error);
        }
    }

    private final EventLoop loop;
    private final Target target;
    private Channel channel;
    private Consumer<Answer> waiting;
    private ScheduledFuture<?> timeout;

    Client(EventLoop loop, Target target) {
        this.loop = loop;
        this.target = target;
    }

    /** Sends a request, over a new connection if there is none. {@code then} is called exactly once. */
    void send(FullHttpRequest request, Consumer<Answer> then) {
        if (waiting != null) {
            throw new IllegalStateException("one request at a time");
        }
        waiting = then;
        timeout =
                loop.schedule(() -> fail("no answer for " + TIMEOUT_SECONDS + " s"), TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (channel != null && channel.isActive()) {
            write(request);
            return;
        }
        connect(loop, target, new Pipeline()).addListener(done -> {
            if (done.isSuccess()) {
                write(request);
            } else {
                ReferenceCountUtil.release(request);
                fail("cannot connect: " + done.cause());
            }
        });
    }

    /** Connects to the target and leaves the rest of the pipeline to {@code application}. */
    static io.netty.channel.ChannelFuture connect(
            EventLoop loop, Target target, ChannelInitializer<Channel> application) {
        return new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (target.tls() != null) {
                            int port = target.address().getPort();
                            channel.pipeline().addLast(target.tls().newHandler(channel.alloc(), target.host(), port));
                        }
                        channel.pipeline().addLast(application);
                    }
                })
                .connect(target.address());
    }

    /** Hangs up; a request that is on its way fails. */
    void close() {
        if (channel != null) {
            channel.close();
        }
    }

    private void write(FullHttpRequest request) {
        channel.writeAndFlush(request).addListener(done -> {
            if (!done.isSuccess()) {
                fail("cannot send: " + done.cause());
            }
        });
    }

    private void fail(String error) {
        // A broken connection is reported by several events, and between requests it is nothing to report.
        if (waiting != null) {
            finish(Answer.failed(error));
            close();
        }
    }

    private void finish(Answer answer) {
        Consumer<Answer> then = waiting;
        waiting = null;
        timeout.cancel(false);
        then.accept(answer);
    }

    private final class Pipeline extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel opened) {
            channel = opened;
            opened.pipeline()
                    .addLast(new HttpClientCodec())
                    .addLast(new HttpObjectAggregator(MAX_ANSWER))
                    .addLast(new Answers());
        }
    }

    private final class Answers extends SimpleChannelInboundHandler<FullHttpResponse> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            if (context.channel() != channel || waiting == null) {
                context.close();
                return;
            }
            if (response.decoderResult().isFailure()) {
                fail("not an HTTP answer: " + response.decoderResult().cause());
                return;
            }
            if (!HttpUtil.isKeepAlive(response)) {
                channel = null;
                context.close();
            }
            finish(new Answer(response.status().code(), response.content().toString(StandardCharsets.UTF_8), null));
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (context.channel() == channel) {
                channel = null;
                fail("the connection was closed before the answer");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (context.channel() == channel) {
                channel = null;
                fail(cause.toString());
            }
            context.close();
        }
    }
}
