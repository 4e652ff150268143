package sluice.control.site;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * {@code postgresql://user:password@host:port/database?sslmode=…}: the form that libpq takes, which {@code .env} files
 * have too. Without a password the driver looks into {@code ~/.pgpass}.
 *
 * @param host a name or an address; an IPv6 address stands without brackets
 * @param parameters what stands after the question mark, as it is, or the empty string
 */
public record PostgresUrl(
        String user, @Nullable String password, String host, int port, String database, String parameters) {
    /**
     * Takes a URL apart.
     *
     * @throws IllegalArgumentException saying what is wrong and what would be right
     */
    public static PostgresUrl parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("is no URL (" + e.getReason() + "); " + RIGHT, e);
        }
        String scheme = uri.getScheme();
        if (!"postgresql".equals(scheme) && !"postgres".equals(scheme)) {
            throw new IllegalArgumentException("does not start with postgresql://; " + RIGHT);
        }
        String host = uri.getHost();
        if (host == null) {
            throw new IllegalArgumentException("has no host (a unix socket is not supported); " + RIGHT);
        }
        String userInfo = uri.getRawUserInfo();
        if (userInfo == null || userInfo.isEmpty() || userInfo.startsWith(":")) {
            throw new IllegalArgumentException("has no user; " + RIGHT);
        }
        String path = uri.getRawPath();
        if (path == null || path.length() < 2 || path.indexOf('/', 1) > 0) {
            throw new IllegalArgumentException("has no database; " + RIGHT);
        }
        int colon = userInfo.indexOf(':');
        String query = uri.getRawQuery();
        return new PostgresUrl(
                decoded(colon < 0 ? userInfo : userInfo.substring(0, colon)),
                colon < 0 ? null : decoded(userInfo.substring(colon + 1)),
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                uri.getPort() < 0 ? 5432 : uri.getPort(),
                decoded(path.substring(1)),
                query == null ? "" : query);
    }

    private static final String RIGHT = "right is for example postgresql://control@127.0.0.1:5432/mastodon";

    /** Host and port, for messages. */
    public String address() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** The URL without its password. */
    @Override
    public String toString() {
        return "postgresql://" + user + "@" + address() + "/" + database;
    }

    private static String decoded(String text) {
        // A plus sign is itself here; the decoder is one for forms.
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
