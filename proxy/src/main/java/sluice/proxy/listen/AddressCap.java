package sluice.proxy.listen;

import io.netty.channel.Channel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * At most so many connections of one client at a time, over all event loops. A client is an IPv4 address, or a /64 of IPv6: what one
 * household or one machine has. Those who carry the connections of many clients are exempt. For any thread.
 */
final class AddressCap {
    private final int most;
    private final Predicate<InetAddress> exempt;
    private final ConcurrentHashMap<Client, Integer> open = new ConcurrentHashMap<>();

    /** An address, or the first half of one. */
    private record Client(boolean six, long bits) {
        static Client of(InetAddress address) {
            ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
            return address instanceof Inet6Address
                    ? new Client(true, bytes.getLong())
                    : new Client(false, bytes.getInt());
        }
    }

    AddressCap(int most, Predicate<InetAddress> exempt) {
        this.most = most;
        this.exempt = exempt;
    }

    /** Whether one more connection of this address may stay. It is given back by itself when the connection closes. */
    boolean admit(InetAddress address, Channel connection) {
        if (exempt.test(address)) {
            return true;
        }
        Client client = Client.of(address);
        if (open.merge(client, 1, Integer::sum) > most) {
            leave(client);
            return false;
        }
        connection.closeFuture().addListener(closed -> leave(client));
        return true;
    }

    /** How many clients are connected. */
    int clients() {
        return open.size();
    }

    private void leave(Client client) {
        open.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
    }
}
