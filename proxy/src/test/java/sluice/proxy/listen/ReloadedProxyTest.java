package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.Proxy;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.config.TestConfig;

/** The whole proxy takes a renewed certificate, and its metrics follow. */
class ReloadedProxyTest {
    private final Instant now = Instant.now().minusSeconds(5);

    @TempDir
    Path folder;

    @Test
    void aReloadIsEnoughForARenewedCertificate() throws Exception {
        Path live = folder.resolve("live");
        issue(live, Duration.ofDays(10));
        Proxy proxy = Proxy.start(config(live));
        try {
            InetSocketAddress https = proxy.addresses().https().get(0);
            InetSocketAddress admin = proxy.addresses().admin().get(0);
            assertThat(expiryDays(metrics(admin))).isEqualTo(9);

            X509Certificate renewed = issue(live, Duration.ofDays(90));
            proxy.reload();

            X509Certificate shown = TestTls.shown(https, "localhost");
            for (long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
                    !shown.equals(renewed) && System.nanoTime() < until; ) {
                shown = TestTls.shown(https, "localhost");
            }
            assertThat(shown).isEqualTo(renewed);
            String metrics = metrics(admin);
            assertThat(expiryDays(metrics)).isEqualTo(89);
            assertThat(metrics)
                    .contains("sluice_refused_connections_total{reason=\"full\"} 0.0")
                    .contains("sluice_refused_connections_total{reason=\"other_site\"} 0.0")
                    .contains("sluice_connections{protocol=\"passed\"} 0.0");
        } finally {
            proxy.stop();
        }
    }

    private X509Certificate issue(Path live, Duration valid) throws Exception {
        KeyPair pair = TestCertificates.ec();
        X509Certificate certificate = TestCertificates.certificate(pair, now, valid, "localhost");
        TestCertificates.folder(live, pair.getPrivate(), certificate);
        return certificate;
    }

    private ProxyConfig config(Path live) {
        URI nowhere = URI.create("http://127.0.0.1:9");
        ProxyConfig d = TestConfig.of(folder.resolve("state"), nowhere, nowhere);
        return new ProxyConfig(
                d.preset(),
                d.rules(),
                d.domains(),
                new ProxyConfig.Tls(List.of(live), false, true, null),
                d.clientAddress(),
                d.root(),
                d.errorPage(),
                d.listen(),
                d.state(),
                d.upstreams(),
                d.gate(),
                d.limits(),
                d.server(),
                d.files(),
                d.stopTimeout());
    }

    private static String metrics(InetSocketAddress admin) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + admin.getPort() + "/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static long expiryDays(String metrics) {
        String name = "sluice_certificate_expiry_seconds{name=\"localhost\"} ";
        return metrics.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> (long) Double.parseDouble(line.substring(name.length())) / 86_400)
                .findFirst()
                .orElseThrow();
    }
}
