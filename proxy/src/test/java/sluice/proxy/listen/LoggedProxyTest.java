package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.Proxy;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.config.TestConfig;

/** The whole proxy's access log: port 80, rotation, the last lines of a stop, and its metrics. */
@Timeout(60)
class LoggedProxyTest {
    @TempDir
    Path folder;

    @Test
    void rotationAndStopLoseNoLine() throws Exception {
        Path file = folder.resolve("access.log");
        Path rotated = folder.resolve("access.log.1");
        Proxy proxy = Proxy.start(config(new ProxyConfig.AccessLog(file, ProxyConfig.AccessLog.Format.COMBINED)));
        try {
            URI http = uri(proxy.addresses().http().get(0), "");
            assertThat(get(http.resolve("/1?access_token=SECRET")).statusCode()).isEqualTo(301);
            await(file, lines -> lines.size() == 1);
            assertThat(Files.readString(file))
                    .startsWith("127.0.0.1 - - [")
                    .contains("] \"GET /1?access_token=- HTTP/1.1\" 301 0 \"-\" \"Java-http-client/");

            Files.move(file, rotated);
            proxy.reload();
            await(file, List::isEmpty);
            assertThat(get(http.resolve("/2")).statusCode()).isEqualTo(301);
            assertThat(get(uri(proxy.addresses().admin().get(0), "/metrics")).body())
                    .contains("sluice_access_log_dropped_total 0.0")
                    .contains("sluice_access_log_errors_total 0.0");
        } finally {
            // Within the second after which lines go to the file anyway.
            proxy.stop();
        }
        assertThat(Files.readAllLines(rotated)).hasSize(1);
        assertThat(Files.readAllLines(file)).singleElement().asString().contains("\"GET /2 HTTP/1.1\" 301 0");
    }

    @Test
    void linesThatCannotBeWrittenAreInTheMetrics() throws Exception {
        Proxy proxy =
                Proxy.start(config(new ProxyConfig.AccessLog(Path.of("/dev/full"), ProxyConfig.AccessLog.Format.JSON)));
        try {
            URI metrics = uri(proxy.addresses().admin().get(0), "/metrics");
            assertThat(get(uri(proxy.addresses().http().get(0), "/")).statusCode())
                    .isEqualTo(301);
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            String page = get(metrics).body();
            while (!page.contains("sluice_access_log_dropped_total 1.0") && System.nanoTime() < until) {
                page = get(metrics).body();
            }
            assertThat(page)
                    .contains("sluice_access_log_dropped_total 1.0")
                    .contains("sluice_access_log_errors_total 1.0");
        } finally {
            proxy.stop();
        }
    }

    private static HttpResponse<String> get(URI uri) throws Exception {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static URI uri(InetSocketAddress at, String path) {
        return URI.create("http://127.0.0.1:" + at.getPort() + path);
    }

    private static void await(Path file, Predicate<List<String>> condition) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!Files.exists(file) || !condition.test(Files.readAllLines(file))) {
            assertThat(System.nanoTime()).as("within 20 s").isLessThan(until);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private ProxyConfig config(ProxyConfig.AccessLog accessLog) {
        URI nowhere = URI.create("http://127.0.0.1:9");
        ProxyConfig d = TestConfig.of(folder.resolve("state"), nowhere, nowhere);
        return new ProxyConfig(
                d.preset(),
                d.rules(),
                d.domains(),
                d.tls(),
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
                d.stopTimeout(),
                accessLog);
    }
}
