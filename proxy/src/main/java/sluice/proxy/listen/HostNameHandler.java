package sluice.proxy.listen;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.http.RequestHead;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.upstream.BadMessage;

/**
 * Waits for the head of the first request of a connection in plain text: its Host says whose connection it is. What is no proper
 * request is ours, and is refused as such.
 */
final class HostNameHandler extends FirstBytes {
    private final Choice choice;
    private final RequestHead head;

    /** What is done with a connection when its host is known. */
    interface Choice {
        /**
         * Either adds handlers and calls {@link FirstBytes#handOver}, or takes the connection away with {@link FirstBytes#take}.
         *
         * @param host without port; null when there is none
         */
        void made(ChannelHandlerContext ctx, FirstBytes first, @Nullable String host);
    }

    HostNameHandler(ProxyConfig.Limits limits, LoopMetrics metrics, Choice choice) {
        super(limits.headTimeout(), metrics, LoopMetrics.Refusal.HELLO);
        this.choice = choice;
        this.head = new RequestHead(limits.headBytes());
    }

    @Override
    void look(ChannelHandlerContext ctx, ByteBuf all, int added) {
        String host = null;
        try {
            if (!head.feed(all.slice(all.writerIndex() - added, added))) {
                return;
            }
            host = withoutPort(head.text(head.hostStart(), head.hostEnd()));
        } catch (BadMessage e) {
            // Whoever answers says what is wrong with it.
        }
        choice.made(ctx, this, host);
    }

    /** An IPv6 literal ends in a bracket. */
    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        return colon < 0 || host.endsWith("]") ? host : host.substring(0, colon);
    }
}
