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
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.files.Ask;
import sluice.proxy.files.Found;
import sluice.proxy.files.PublicFiles;
import sluice.proxy.files.Reply;
import sluice.proxy.files.Wanted;
import sluice.proxy.upstream.BadMessage;
import sluice.proxy.upstream.Octets;
import sluice.proxy.upstream.ResponseHead;

/**
 * The challenges of certificate authorities (RFC 8555 section 8.3) on port 80: from a folder on this host, and what is not there from
 * the other host, so that it can have its certificate renewed while the name still leads here. Shared by all connections.
 */
public final class Challenges {
    private static final Logger log = LoggerFactory.getLogger(Challenges.class);
    private static final byte[] PREFIX = Octets.of("/.well-known/acme-challenge/");
    private static final int CONNECT_MILLIS = 5_000;
    private static final int SILENCE_SECONDS = 10;
    /** An answer is a line of some 90 characters, or a page that says that there is none. */
    private static final int LARGEST = 64 << 10;

    private static final Ask PLAIN = new Ask(false, false, false, null, null, null, null, null, null, null);

    private final @Nullable PublicFiles files;
    private final @Nullable URI other;
    private final Executor resolver;

    /**
     * What is looked into.
     *
     * @param files the folder with {@code .well-known} in it, or null
     * @param other {@code http://host:port} of the other host, or null
     * @param resolver where its name is looked up; may block
     */
    public Challenges(@Nullable PublicFiles files, @Nullable URI other, Executor resolver) {
        this.files = files;
        this.other = other;
        this.resolver = resolver;
    }

    /** Whether the request is for a challenge. */
    boolean concerns(RequestHead head) {
        int end = head.pathStart() + PREFIX.length;
        return head.getOrHead()
                && head.pathEnd() > end
                && Octets.equal(head.bytes(), head.pathStart(), end, PREFIX)
                && stays(head.bytes(), end, head.pathEnd());
    }

    /** Whether nothing in it leads out of the folder again: no dots for a segment, and nothing that could stand for one. */
    private static boolean stays(byte[] b, int from, int to) {
        for (int i = from; i < to; i++) {
            if (b[i] == '%' || (b[i] == '.' && b[i - 1] == '/')) {
                return false;
            }
        }
        return true;
    }

    /**
     * Finds the answer.
     *
     * @param answer gets it on the channel's event loop, once: a whole answer behind which the connection is closed, or null for 404
     */
    void answer(ChannelHandlerContext ctx, RequestHead head, Consumer<@Nullable ByteBuf> answer) {
        PublicFiles folder = files;
        Wanted wanted = folder == null ? null : folder.named(head.bytes(), head.pathStart(), head.pathEnd());
        if (folder == null || wanted == null) {
            ask(ctx, head, answer);
            return;
        }
        folder.find(wanted, PLAIN, ctx.channel().eventLoop(), found -> {
            ByteBuf made = made(ctx, found, head.headMethod());
            if (made != null) {
                answer.accept(made);
            } else {
                ask(ctx, head, answer);
            }
        });
    }

    private static @Nullable ByteBuf made(ChannelHandlerContext ctx, Found found, boolean toHead) {
        Reply reply = found.reply();
        if (reply == null) {
            return null;
        }
        if (reply.source() != null) {
            // Nobody's challenge is as large as that.
            reply.source().close();
            return null;
        }
        byte[] content = reply.content();
        if (content == null) {
            return null;
        }
        String head = "HTTP/1.1 200 OK\r\n" + reply.fields() + "Connection: close\r\n\r\n";
        ByteBuf out = ctx.alloc().directBuffer(head.length() + content.length);
        out.writeCharSequence(head, StandardCharsets.ISO_8859_1);
        return toHead ? out : out.writeBytes(content);
    }

    private void ask(ChannelHandlerContext ctx, RequestHead head, Consumer<@Nullable ByteBuf> answer) {
        URI uri = other;
        if (uri == null || LocalFiles.wasElsewhere(head)) {
            answer.accept(null);
            return;
        }
        String request = head.method() + " " + head.text(head.pathStart(), head.targetEnd()) + " HTTP/1." + head.minor()
                + "\r\nHost: " + head.text(head.hostStart(), head.hostEnd())
                + "\r\nVia: 1.1 sluice\r\nConnection: close\r\n\r\n";
        EventLoop loop = ctx.channel().eventLoop();
        boolean toHead = head.headMethod();
        resolver.execute(() -> {
            InetSocketAddress address = address(uri);
            loop.execute(() -> connect(loop, address, request, toHead, answer));
        });
    }

    private static @Nullable InetSocketAddress address(URI uri) {
        String host = uri.getHost();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        try {
            return new InetSocketAddress(InetAddress.getByName(bare), uri.getPort() < 0 ? 80 : uri.getPort());
        } catch (UnknownHostException e) {
            log.warn("a certificate challenge is not here, and {} has no address", bare);
            return null;
        }
    }

    private static void connect(
            EventLoop loop,
            @Nullable InetSocketAddress to,
            String request,
            boolean toHead,
            Consumer<@Nullable ByteBuf> answer) {
        if (to == null) {
            answer.accept(null);
            return;
        }
        new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .handler(new Collector(answer, toHead))
                .connect(to)
                .addListener((ChannelFuture f) -> {
                    Channel channel = f.channel();
                    if (!f.isSuccess()) {
                        log.warn("a certificate challenge is not here, and {} cannot be reached: {}", to, f.cause());
                        answer.accept(null);
                        return;
                    }
                    channel.pipeline().addFirst(new ReadTimeoutHandler(SILENCE_SECONDS, TimeUnit.SECONDS));
                    channel.writeAndFlush(channel.alloc()
                            .directBuffer(request.length())
                            .writeBytes(request.getBytes(StandardCharsets.ISO_8859_1)));
                });
    }

    /** Takes the whole answer, up to its length or until the other host closes. */
    private static final class Collector extends ChannelInboundHandlerAdapter {
        private final Consumer<@Nullable ByteBuf> answer;
        private final ResponseHead head = new ResponseHead(LARGEST);
        private final boolean toHead;
        private @Nullable ByteBuf all;
        /** How long the answer is; -1 as long as that is not known, or when it ends with the connection. */
        private long length = -1;

        private boolean headRead;
        private boolean failed;

        Collector(Consumer<@Nullable ByteBuf> answer, boolean toHead) {
            this.answer = answer;
            this.toHead = toHead;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf in = (ByteBuf) message;
            ByteBuf so = all == null ? ctx.alloc().directBuffer() : all;
            all = so;
            try {
                if (so.readableBytes() + in.readableBytes() > LARGEST) {
                    throw new BadMessage(502, "more than any challenge has");
                }
                so.writeBytes(in, in.readerIndex(), in.readableBytes());
                headRead = headRead || head(in);
                if (length >= 0 && so.readableBytes() >= length) {
                    so.writerIndex(so.readerIndex() + (int) length);
                    ctx.close();
                }
            } catch (BadMessage e) {
                log.warn(
                        "a certificate challenge was asked for at {}: {}",
                        ctx.channel().remoteAddress(),
                        e.reason());
                failed = true;
                ctx.close();
            } finally {
                in.release();
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
            ByteBuf whole = all;
            all = null;
            if (whole != null && (failed || !headRead || whole.readableBytes() < length)) {
                whole.release();
                whole = null;
            }
            answer.accept(whole);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            log.warn(
                    "a certificate challenge was asked for at {}: {}",
                    ctx.channel().remoteAddress(),
                    cause.toString());
            failed = true;
            ctx.close();
        }
    }
}
