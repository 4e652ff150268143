package sluice.proxy.gate;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import sluice.proxy.config.Network;

/**
 * How many requests of each client wait, so that one client cannot take the room of all others. A client is an IPv4 address or an
 * IPv6 network of 64 bits: every address in one of those is usually the same line's (RFC 6177). Guarded by its owner's lock.
 *
 * <p>A client at its bound loses the request that comes, not its oldest one: the oldest is nearest to being let go, an attacker
 * could drive out requests of others behind the same address by sending more, and whoever is refused at once loses no time
 * waiting. (When there is no room for anybody it is the other way round, see {@link Lines#victim}: then the oldest has had its
 * chance.)
 */
final class ClientShares {
    /** Whoever has no address that can be read; all of them share. */
    static final long NOBODY = -1;

    private final int bound;
    private final Map<Long, Integer> waiting = new HashMap<>();

    /** @param bound how many of one client may wait; 0 for any number */
    ClientShares(int bound) {
        this.bound = bound;
    }

    /** Whether one more of this client may wait. */
    boolean isFree(long client) {
        return bound == 0 || waiting.getOrDefault(client, 0) < bound;
    }

    void take(long client) {
        if (bound > 0) {
            waiting.merge(client, 1, Integer::sum);
        }
    }

    void giveBack(long client) {
        if (bound > 0) {
            waiting.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
        }
    }

    /** All shares together. */
    int sum() {
        return waiting.values().stream().mapToInt(Integer::intValue).sum();
    }
    /** A number for the client with this address: an IPv4 address itself, or the first 64 bits of an IPv6 address. */
    static long key(String text) {
        InetAddress address = Network.address(text);
        if (address == null) {
            return NOBODY;
        }
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return bytes.remaining() == Integer.BYTES ? Integer.toUnsignedLong(bytes.getInt()) : bytes.getLong();
    }
}
