package sluice.proxy.listen;

import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys of session tickets (RFC 5077, RFC 8446 section 4.6.1): a new one at every {@link #rotate}, the one before it still
 * good for resuming. Kept in memory only, so that a ticket of today cannot be read with anything found tomorrow.
 */
final class TicketKeys {
    private final SecureRandom random;
    private final List<OpenSslSessionContext> contexts;
    private @Nullable OpenSslSessionTicketKey current;

    TicketKeys(SecureRandom random, List<OpenSslSessionContext> contexts) {
        this.random = random;
        this.contexts = contexts;
    }

    /** To be called by one thread at a time. */
    void rotate() {
        OpenSslSessionTicketKey next = new OpenSslSessionTicketKey(
                bytes(OpenSslSessionTicketKey.NAME_SIZE),
                bytes(OpenSslSessionTicketKey.HMAC_KEY_SIZE),
                bytes(OpenSslSessionTicketKey.AES_KEY_SIZE));
        OpenSslSessionTicketKey[] keys =
                current == null ? new OpenSslSessionTicketKey[] {next} : new OpenSslSessionTicketKey[] {next, current};
        for (OpenSslSessionContext context : contexts) {
            context.setTicketKeys(keys);
        }
        current = next;
    }

    private byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }
}
