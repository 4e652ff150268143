package sluice.proxy.admin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may call over TCP. A unix socket is guarded by its file mode. A port on loopback is not guarded by anything: whoever makes
 * a program on this host fetch an address can reach it, and a browser by a name that points here. Hence the token, and hence
 * only names of this host.
 */
final class Access {
    private static final Set<String> NAMES = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final String SCHEME = "bearer ";

    private final byte @Nullable [] token;

    /** @param token what a caller must know, or null when nobody may change anything over TCP */
    Access(@Nullable String token) {
        this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    }

    /** Refuses with a {@link Problem}, or returns. */
    void check(String method, String path, @Nullable String host, @Nullable String authorization) {
        if (host == null || !NAMES.contains(withoutPort(host))) {
            throw new Problem(421, "foreign host", "the Host must be localhost, 127.0.0.1 or [::1]");
        }
        if (AdminApi.isPublic(method, path)) {
            return;
        }
        if (token == null) {
            throw new Problem(
                    403,
                    "no token is configured",
                    "set listen.token_file to allow this over TCP, or use the unix socket");
        }
        if (!isToken(authorization)) {
            throw new Problem(AdminResponse.problem(
                            401,
                            "a token is needed",
                            "send Authorization: Bearer with the content of listen.token_file")
                    .with("WWW-Authenticate", "Bearer"));
        }
    }

    private boolean isToken(@Nullable String authorization) {
        if (authorization == null || !authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            return false;
        }
        byte[] given = authorization.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(given, token); // takes the same time wherever the first difference is
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
        return name.toLowerCase(Locale.ROOT);
    }
}
