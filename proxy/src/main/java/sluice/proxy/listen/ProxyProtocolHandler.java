package sluice.proxy.listen;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import sluice.proxy.http.Peer;
import sluice.proxy.metrics.LoopMetrics;

/** Reads the header of PROXY protocol that a connection has to begin with, and lets the connection in as what the header says. */
final class ProxyProtocolHandler extends FirstBytes {
    private final Consumer<Channel> next;

    /** @param next adds the handlers behind; may close the connection instead */
    ProxyProtocolHandler(Duration timeout, LoopMetrics metrics, Consumer<Channel> next) {
        super(timeout, metrics, LoopMetrics.Refusal.PROXY_HEADER);
        this.next = next;
    }

    @Override
    void look(ChannelHandlerContext ctx, ByteBuf all, int added) {
        try {
            ProxyHeader header = ProxyHeader.read(all);
            if (header == null) {
                return;
            }
            InetSocketAddress source = header.source();
            InetSocketAddress destination = header.destination();
            if (source != null && destination != null) {
                Peer.announce(ctx.channel(), source, destination);
            }
            next.accept(ctx.channel());
            handOver(ctx);
        } catch (ProxyHeader.Malformed e) {
            refuse(ctx, String.valueOf(e.getMessage()));
        }
    }
}
