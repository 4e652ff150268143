package sluice.demo.load;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * Where the clients go.
 *
 * @param address the socket
 * @param host the site's name: Host header, SNI, and what the certificate must be for
 * @param tls with nothing trusted but the one certificate, or null for plain HTTP
 */
public record Target(InetSocketAddress address, String host, SslContext tls) {
    /** HTTPS; only the certificate in this PEM file is trusted, and only for {@code host}. */
    public static Target https(InetSocketAddress address, String host, Path certificate) throws IOException {
        SslContext context = SslContextBuilder.forClient()
                .trustManager(certificate.toFile())
                .endpointIdentificationAlgorithm("HTTPS")
                .build();
        return new Target(address, host, context);
    }

    /** Plain HTTP, straight at a site. */
    public static Target http(InetSocketAddress address, String host) {
        return new Target(address, host, null);
    }
}
