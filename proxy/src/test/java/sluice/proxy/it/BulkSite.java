package sluice.proxy.it;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * A site for much data and many slow clients: {@code /bulk/N} is N bytes, no faster than they are taken; what is posted is counted;
 * {@code /} is a page; everything else is {@code ok}. One thread.
 */
final class BulkSite implements AutoCloseable {
    private static final String BULK = "/bulk/";
    private static final String PAGE = "<!DOCTYPE html><title>site</title>" + "<p>text</p>".repeat(500);
    private static final int PIECE = 64 << 10;
    private static final ByteBuf BYTES = Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(PIECE).writeZero(PIECE))
            .asReadOnly();

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Channel server;

    BulkSite() {
        server = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel ch) {
                        ch.pipeline().addLast(new HttpServerCodec(), new Answers());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + ((InetSocketAddress) server.localAddress()).getPort());
    }

    private static final class Answers extends ChannelInboundHandlerAdapter {
        private String path = "";
        private long received;
        private long left;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpRequest request) {
                path = request.uri();
                received = 0;
            }
            if (message instanceof HttpContent content) {
                received += content.content().readableBytes();
            }
            boolean complete = message instanceof LastHttpContent;
            ReferenceCountUtil.release(message);
            if (complete) {
                answer(ctx);
            }
        }

        private void answer(ChannelHandlerContext ctx) {
            byte[] small = (path.equals("/") ? PAGE : received > 0 ? Long.toString(received) : "ok")
                    .getBytes(StandardCharsets.US_ASCII);
            boolean bulk = path.startsWith(BULK);
            left = bulk ? Long.parseLong(path.substring(BULK.length())) : 0;
            HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
            head.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, bulk ? left : small.length)
                    .set(HttpHeaderNames.CONTENT_TYPE, path.equals("/") ? "text/html" : "application/octet-stream")
                    // As Mastodon has them.
                    .set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
                    .set("Content-Security-Policy", "default-src 'none'")
                    .set("X-Frame-Options", "DENY")
                    .set("X-Content-Type-Options", "nosniff")
                    .set("Referrer-Policy", "same-origin");
            ctx.write(head);
            if (bulk) {
                more(ctx);
            } else {
                ctx.write(new DefaultHttpContent(Unpooled.wrappedBuffer(small)));
                ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
            }
        }

        private void more(ChannelHandlerContext ctx) {
            while (left > 0 && ctx.channel().isWritable()) {
                int n = (int) Math.min(left, PIECE);
                left -= n;
                ctx.write(new DefaultHttpContent(BYTES.slice(0, n)));
                if (left == 0) {
                    ctx.write(LastHttpContent.EMPTY_LAST_CONTENT);
                }
            }
            ctx.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (left > 0 && ctx.channel().isWritable()) {
                more(ctx);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
