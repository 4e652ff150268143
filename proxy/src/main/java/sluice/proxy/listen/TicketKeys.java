package sluice.proxy.listen;

import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.security.SecureRandom;
import java.util.List;

/**
 * The keys of session tickets (RFC 5077, RFC 8446 section 4.6.1): a new one at every {@link #rotate}, the one before it still
 * good for resuming. Kept in memory only, so that a ticket of today cannot be read with anything found tomorrow. All contexts have
 * the same keys, also those that a renewed certificate brings with it. For any thread.
 */
final class TicketKeys {
    private final SecureRandom random;
    private List<OpenSslSessionContext> contexts = List.of();
    private OpenSslSessionTicketKey[] keys;

    TicketKeys(SecureRandom random) {
        this.random = random;
        this.keys = new OpenSslSessionTicketKey[] {newKey()};
    }

    /** From now on these contexts have the keys. */
    synchronized void use(List<OpenSslSessionContext> next) {
        contexts = List.copyOf(next);
        contexts.forEach(context -> context.setTicketKeys(keys));
    }

    synchronized void rotate() {
        keys = new OpenSslSessionTicketKey[] {newKey(), keys[0]};
        contexts.forEach(context -> context.setTicketKeys(keys));
    }

    private OpenSslSessionTicketKey newKey() {
        return new OpenSslSessionTicketKey(
                bytes(OpenSslSessionTicketKey.NAME_SIZE),
                bytes(OpenSslSessionTicketKey.HMAC_KEY_SIZE),
                bytes(OpenSslSessionTicketKey.AES_KEY_SIZE));
    }

    private byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }
}
