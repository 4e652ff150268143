package sluice.proxy.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A network in CIDR form (RFC 4632, RFC 4291 section 2.3), IPv4 or IPv6.
 *
 * @param base its first address
 * @param prefix how many leading bits its addresses share
 */
public record Network(InetAddress base, int prefix) {
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    public Network {
        int bits = base.getAddress().length * Byte.SIZE;
        if (prefix < 0 || prefix > bits) {
            throw new IllegalArgumentException("a prefix of " + prefix + " bits does not fit " + base.getHostAddress());
        }
        if (!base.equals(masked(base, prefix))) {
            throw new IllegalArgumentException(
                    "the address has bits set behind the prefix; the network that holds it is "
                            + masked(base, prefix).getHostAddress() + "/" + prefix);
        }
    }

    /**
     * Reads {@code address/prefix}, or one address.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        InetAddress base = address(slash < 0 ? text : text.substring(0, slash));
        if (base == null) {
            throw new IllegalArgumentException("there is no address in it");
        }
        if (slash < 0) {
            return new Network(base, base.getAddress().length * Byte.SIZE);
        }
        String prefix = text.substring(slash + 1);
        if (!prefix.matches("\\d{1,3}")) {
            throw new IllegalArgumentException("the prefix is not a number of bits");
        }
        return new Network(base, Integer.parseInt(prefix));
    }

    /** An address literal, or null when the text is none. Never asks the name service. */
    public static @Nullable InetAddress address(String text) {
        if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
            return null;
        }
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    public boolean contains(InetAddress address) {
        byte[] own = base.getAddress();
        byte[] other = address.getAddress();
        if (own.length != other.length) {
            return false;
        }
        int whole = prefix / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (own[i] != other[i]) {
                return false;
            }
        }
        int mask = maskOf(prefix % Byte.SIZE);
        return mask == 0 || (own[whole] & mask) == (other[whole] & mask);
    }

    @Override
    public String toString() {
        return base.getHostAddress() + "/" + prefix;
    }

    private static InetAddress masked(InetAddress address, int prefix) {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] &= (byte) maskOf(Math.max(0, Math.min(Byte.SIZE, prefix - i * Byte.SIZE)));
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
        }
    }

    private static int maskOf(int bits) {
        return 0xff00 >> bits & 0xff;
    }
}
