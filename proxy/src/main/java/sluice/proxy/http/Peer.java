package sluice.proxy.http;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.SocketAddress;

/** The two ends of a client's connection: as it was announced by a balancer in front, else those of the socket. */
public final class Peer {
    private static final AttributeKey<Peer> ANNOUNCED = AttributeKey.valueOf(Peer.class, "announced");

    private final SocketAddress source;
    private final SocketAddress destination;

    private Peer(SocketAddress source, SocketAddress destination) {
        this.source = source;
        this.destination = destination;
    }

    /** To be called before any handler looks, by somebody who has made sure that the one who says so is trusted. */
    public static void announce(Channel connection, SocketAddress source, SocketAddress destination) {
        connection.attr(ANNOUNCED).set(new Peer(source, destination));
    }

    /** Where the connection comes from. */
    public static SocketAddress of(Channel connection) {
        Peer announced = connection.attr(ANNOUNCED).get();
        return announced == null ? connection.remoteAddress() : announced.source;
    }

    /** Where the client connected to. */
    public static SocketAddress destination(Channel connection) {
        Peer announced = connection.attr(ANNOUNCED).get();
        return announced == null ? connection.localAddress() : announced.destination;
    }
}
