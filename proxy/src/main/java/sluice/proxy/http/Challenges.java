package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.files.Ask;
import sluice.proxy.files.Found;
import sluice.proxy.files.PublicFiles;
import sluice.proxy.files.Reply;
import sluice.proxy.files.Wanted;
import sluice.proxy.upstream.Octets;

/**
 * The challenges of certificate authorities (RFC 8555 section 8.3) on port 80: from a folder on this host, and what is not there from
 * the other host, so that it can have its certificate renewed while the name still leads here. Shared by all connections.
 */
public final class Challenges {
    private static final Logger log = LoggerFactory.getLogger(Challenges.class);
    private static final byte[] PREFIX = Octets.of("/.well-known/acme-challenge/");
    /** Certificate authorities look from a handful of places; more than this many at a time is somebody else. */
    private static final int MOST_CALLS = 32;

    /** A certificate authority waits no longer. */
    private static final Duration TIME = Duration.ofSeconds(10);

    private static final Ask PLAIN = new Ask(false, false, false, null, null, null, null, null, null, null);

    private final @Nullable PublicFiles files;
    private final @Nullable URI other;
    private final Executor resolver;
    private final Duration time;
    private final AtomicInteger calls = new AtomicInteger();

    /**
     * What is looked into.
     *
     * @param files the folder with {@code .well-known} in it, or null
     * @param other {@code http://host:port} of the other host, or null
     * @param resolver where its name is looked up; may block
     */
    public Challenges(@Nullable PublicFiles files, @Nullable URI other, Executor resolver) {
        this(files, other, resolver, TIME);
    }

    /** @param time for asking the other host, all in all */
    Challenges(@Nullable PublicFiles files, @Nullable URI other, Executor resolver, Duration time) {
        this.time = time;
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
        if (calls.incrementAndGet() > MOST_CALLS) {
            calls.decrementAndGet();
            log.warn(
                    "a certificate challenge is not here, and {} others are being asked for: not asked for",
                    MOST_CALLS);
            answer.accept(null);
            return;
        }
        EventLoop loop = ctx.channel().eventLoop();
        ChallengeCall call = new ChallengeCall(loop, request, head.headMethod(), time, found -> {
            calls.decrementAndGet();
            answer.accept(found);
        });
        resolver.execute(() -> {
            InetSocketAddress address = address(uri);
            loop.execute(() -> {
                if (address == null) {
                    call.fail(uri.getHost() + " has no address");
                } else {
                    call.connect(address);
                }
            });
        });
    }

    private static @Nullable InetSocketAddress address(URI uri) {
        String host = uri.getHost();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        try {
            return new InetSocketAddress(InetAddress.getByName(bare), uri.getPort() < 0 ? 80 : uri.getPort());
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
