package sluice.proxy.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.upstream.BadMessage;
import sluice.proxy.upstream.ResponseHead;

/**
 * One challenge that is asked of the other host: takes its whole answer, up to its length or until the other host closes, and no longer
 * than a time for all of it, the look-up of the host's name included. Confined to its event loop.
 */
final class ChallengeCall extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(ChallengeCall.class);
    private static final int CONNECT_MILLIS = 5_000;
    /** An answer is a line of some 90 characters, or a page that says that there is none. */
    private static final int LARGEST = 64 << 10;

    private final EventLoop loop;
    private final String request;
    private final boolean toHead;
    private final Consumer<@Nullable ByteBuf> answer;
    private final ResponseHead head = new ResponseHead(LARGEST);
    private final Future<?> deadline;

    private @Nullable Channel channel;
    private @Nullable ByteBuf all;
    /** How long the answer is; -1 as long as that is not known, or when it ends with the connection. */
    private long length = -1;

    private boolean headRead;
    private boolean over;

    /**
     * Its time runs from now on.
     *
     * @param answer gets the whole answer or null, once
     */
    ChallengeCall(EventLoop loop, String request, boolean toHead, Duration time, Consumer<@Nullable ByteBuf> answer) {
        assert loop.inEventLoop();
        this.loop = loop;
        this.request = request;
        this.toHead = toHead;
        this.answer = answer;
        this.deadline = loop.schedule(
                () -> fail("no whole answer in " + time.toMillis() + " ms"), time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The other host's address is known. */
    void connect(InetSocketAddress to) {
        if (over) {
            return;
        }
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .handler(this)
                .connect(to);
        channel = connecting.channel();
        connecting.addListener((ChannelFuture f) -> {
            if (f.isSuccess()) {
                f.channel()
                        .writeAndFlush(f.channel()
                                .alloc()
                                .directBuffer(request.length())
                                .writeBytes(request.getBytes(StandardCharsets.ISO_8859_1)));
            } else {
                fail(to + " cannot be reached: " + f.cause());
            }
        });
    }

    /** There will be no answer. */
    void fail(String why) {
        if (!over) {
            log.warn("a certificate challenge is not here, and the other host does not have it: {}", why);
            end(false);
        }
    }

    private void end(boolean whole) {
        if (over) {
            return;
        }
        over = true;
        deadline.cancel(false);
        ByteBuf found = all;
        all = null;
        if (found != null && !whole) {
            found.release();
            found = null;
        }
        Channel open = channel;
        if (open != null) {
            open.close();
        }
        answer.accept(found);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (!over) {
                read(ctx, in);
            }
        } catch (BadMessage e) {
            fail(e.reason());
        } finally {
            in.release();
        }
    }

    private void read(ChannelHandlerContext ctx, ByteBuf in) throws BadMessage {
        ByteBuf so = all == null ? ctx.alloc().directBuffer() : all;
        all = so;
        if (so.readableBytes() + in.readableBytes() > LARGEST) {
            throw new BadMessage(502, "more than any challenge has");
        }
        so.writeBytes(in, in.readerIndex(), in.readableBytes());
        headRead = headRead || head(in);
        if (length >= 0 && so.readableBytes() >= length) {
            so.writerIndex(so.readerIndex() + (int) length);
            end(true);
        }
    }

    private boolean head(ByteBuf in) throws BadMessage {
        if (!head.feed(in)) {
            return false;
        }
        switch (head.framing(toHead)) {
            case NONE -> length = head.length();
            case LENGTH -> length = head.length() + head.contentLength();
            case CHUNKED, UNTIL_CLOSE -> {}
            case TUNNEL -> throw new BadMessage(502, "no answer");
        }
        return true;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (headRead && length < 0) {
            end(true);
        } else {
            fail("the connection ended before the answer did");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(cause.toString());
    }
}
