package sluice.proxy.http;

import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/** A client's connection, as {@link FrontConnections} sees it. Confined to its event loop. */
abstract class FrontConnection extends ChannelInboundHandlerAdapter {
    // Neighbours in the loop's list of connections.
    @Nullable
    FrontConnection previous;

    @Nullable
    FrontConnection next;

    /** Does what is due. */
    abstract void checkDeadline(long now);

    /** Graceful stop. */
    abstract void stop();

    /** Closes it now. */
    abstract void abort();
}
