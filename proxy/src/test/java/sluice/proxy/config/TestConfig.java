package sluice.proxy.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** A configuration for tests: every default, loopback and port 0 everywhere, a certificate of its own. */
public final class TestConfig {
    private TestConfig() {}

    /** Both services of a side at one address. */
    public static ProxyConfig of(Path stateDirectory, URI old, URI next) {
        return of(
                stateDirectory,
                new ProxyConfig.Upstream(old, old, null, null),
                new ProxyConfig.Upstream(next, next, null, null),
                ProxyConfig.Gate.DEFAULT,
                ProxyConfig.Limits.DEFAULT);
    }

    public static ProxyConfig of(
            Path stateDirectory,
            ProxyConfig.Upstream old,
            ProxyConfig.Upstream next,
            ProxyConfig.Gate gate,
            ProxyConfig.Limits limits) {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new ProxyConfig(
                ProxyConfig.Preset.MASTODON,
                List.of(),
                List.of("localhost"),
                new ProxyConfig.Tls(List.of(), true, true, null),
                new ProxyConfig.ClientAddress(ProxyConfig.ClientAddress.Kind.DIRECT, List.of()),
                null,
                null,
                new ProxyConfig.Listen(
                        List.of(anyPort),
                        List.of(anyPort),
                        List.of(anyPort),
                        List.of(stateDirectory.resolve("admin.sock")),
                        null,
                        OtherSites.NONE),
                new ProxyConfig.State(stateDirectory),
                new ProxyConfig.Upstreams("old", old, next),
                gate,
                limits,
                new ProxyConfig.Server(2),
                ProxyConfig.Files.byDefault(ProxyConfig.Preset.MASTODON),
                ProxyConfig.DEFAULT_STOP_TIMEOUT);
    }
}
