package sluice.proxy.http;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.Network;
import sluice.proxy.route.Preview;
import sluice.proxy.upstream.Octets;

/**
 * Whether a request is one that a {@link Preview} means. Marks become bytes once for each preview; then a head is compared as it
 * is. Confined to its event loop.
 */
final class PreviewMarks {
    private static final byte[] COOKIE = Octets.of("cookie");
    private static final byte[] NOTHING = {};

    private @Nullable Preview of;
    private byte[] cookie = NOTHING;
    private byte[] headerName = NOTHING;
    private byte[] headerValue = NOTHING;

    /** Any mark will do. */
    boolean fit(Preview preview, RequestHead head, Front front) {
        if (!preview.equals(of)) {
            learn(preview);
        }
        Network network = preview.network();
        return (cookie.length > 0 && hasCookie(head))
                || (headerName.length > 0 && hasHeader(head))
                || (network != null && isIn(network, front.clientAddress(head)));
    }

    private void learn(Preview preview) {
        of = preview;
        cookie = preview.cookie() == null ? NOTHING : Octets.of(preview.cookie());
        headerName = preview.header() == null ? NOTHING : Octets.of(preview.headerName());
        headerValue = preview.header() == null ? NOTHING : Octets.of(preview.headerValue());
    }

    private boolean hasHeader(RequestHead head) {
        for (int i = head.find(headerName, 0); i >= 0; i = head.find(headerName, i + 1)) {
            if (Octets.equal(head.bytes(), head.valueStart(i), head.valueEnd(i), headerValue)) {
                return true;
            }
        }
        return false;
    }

    /** RFC 6265, section 4.2.1: pairs with a semicolon and blanks between them. There may be several such fields all the same. */
    private boolean hasCookie(RequestHead head) {
        byte[] bytes = head.bytes();
        for (int i = head.find(COOKIE, 0); i >= 0; i = head.find(COOKIE, i + 1)) {
            int end = head.valueEnd(i);
            int at = head.valueStart(i);
            while (at < end) {
                int from = at;
                while (at < end && bytes[at] != ';') {
                    at++;
                }
                int to = at++;
                while (from < to && Octets.blank(bytes[from])) {
                    from++;
                }
                while (to > from && Octets.blank(bytes[to - 1])) {
                    to--;
                }
                if (Octets.equal(bytes, from, to, cookie)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isIn(Network network, byte[] client) {
        InetAddress address = Network.address(new String(client, StandardCharsets.US_ASCII));
        return address != null && network.contains(address);
    }
}
