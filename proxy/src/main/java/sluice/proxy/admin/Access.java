package sluice.proxy.admin;

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
    /** Who has shown no token. */
    static final String NOBODY = "nobody";

    private static final String SCHEME = "bearer ";

    private final Tokens tokens;

    /** @param tokens without any, nobody may change anything over TCP */
    Access(Tokens tokens) {
        this.tokens = tokens;
    }

    /**
     * Refuses with a {@link Problem}, or lets it through.
     *
     * @return whose token it is; {@link #NOBODY} where none is needed
     */
    String check(String method, String path, @Nullable String host, @Nullable String authorization) {
        if (host == null || !NAMES.contains(withoutPort(host))) {
            throw new Problem(421, "foreign host", "the Host must be localhost, 127.0.0.1 or [::1]");
        }
        if (AdminApi.isPublic(method, path)) {
            return NOBODY;
        }
        if (tokens.isEmpty()) {
            throw new Problem(
                    403,
                    "no token is configured",
                    "set listen.token_file to allow this over TCP, or use the unix socket");
        }
        String name = named(authorization);
        if (name == null) {
            throw new Problem(AdminResponse.problem(
                            401, "a token is needed", "send Authorization: Bearer with a token of listen.token_file")
                    .with("WWW-Authenticate", "Bearer"));
        }
        return name;
    }

    private @Nullable String named(@Nullable String authorization) {
        if (authorization == null || !authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            return null;
        }
        return tokens.nameOf(authorization.substring(SCHEME.length()).strip());
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
        return name.toLowerCase(Locale.ROOT);
    }
}
