package sluice.proxy.check;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.ConfigFile;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.listen.PemCheck;
import sluice.proxy.listen.TestCertificates;

/** A configuration on this very machine: real sockets, files and certificates. */
class MachineCheckTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    @TempDir
    Path folder;

    private final List<ServerSocket> open = new ArrayList<>();
    private KeyPair key;
    private int web;

    @BeforeEach
    void site() throws Exception {
        key = TestCertificates.ec();
        certificate(Duration.ofDays(60), "example.social");
        web = serves(new ServerSocket(0, 9, InetAddress.getLoopbackAddress()), OK);
    }

    @AfterEach
    void close() throws IOException {
        for (ServerSocket socket : open) {
            socket.close();
        }
    }

    private int serves(ServerSocket server, String answer) {
        open.add(server);
        Thread thread = new Thread(() -> {
            while (!server.isClosed()) {
                try (Socket client = server.accept()) {
                    int read = client.getInputStream().read(new byte[4096]);
                    OutputStream out = client.getOutputStream();
                    out.write(
                            answer.substring(0, read < 0 ? 0 : answer.length()).getBytes(US_ASCII));
                } catch (IOException e) {
                    // A client that does not trust us, or the end.
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server.getLocalPort();
    }

    private void certificate(Duration left, String... names) throws Exception {
        Instant begins = Instant.now().plus(left).minus(Duration.ofDays(90));
        TestCertificates.folder(
                folder.resolve("certificate"),
                key.getPrivate(),
                TestCertificates.certificate(key, begins, Duration.ofDays(90), names));
    }

    private ProxyConfig config(String top, String listen, String old, String next) throws Exception {
        return ConfigFile.read(
                Files.writeString(folder.resolve("proxy.toml"), """
                        domains = ["example.social"]
                        certificates = ["certificate"]
                        state.directory = "state"
                        %s
                        [listen]
                        admin = ["unix:%s/admin.sock"]
                        %s
                        [upstreams.old]
                        %s
                        [upstreams.new]
                        %s
                        """.formatted(top, folder, listen, old, next)),
                new PemCheck());
    }

    private static final String ANY_PORT = "https = [\"127.0.0.1:0\"]\nhttp = []";

    private String here(int port) {
        return "web = \"http://127.0.0.1:" + port + "\"";
    }

    private static List<String> found(ProxyConfig config) {
        return MachineCheck.run(config, null, Instant.now()).stream()
                .map(finding -> finding.kind() + " " + finding.key() + ": " + finding.text())
                .toList();
    }

    @Test
    void allIsWell() throws Exception {
        assertThat(found(config("", ANY_PORT, here(web), here(web)))).isEmpty();
        assertThat(folder.resolve("state")).doesNotExist();
    }

    @Test
    void everythingIsSaidAtOnce() throws Exception {
        certificate(Duration.ofDays(-1), "example.org");
        int dead = dead();
        List<String> found = found(config(
                "limits.body = \"900GiB\"\nlimits.spool = \"900GiB\"",
                "https = [\"127.0.0.1:" + web + "\", \"192.0.2.1:443\"]\nhttp = []",
                here(dead),
                here(dead)));

        assertThat(found).hasSize(7);
        assertThat(found.get(0))
                .startsWith("PROBLEM certificates: the certificate in ")
                .contains(" expired at ");
        assertThat(found.get(1)).startsWith("PROBLEM domains: no certificate is for example.social;");
        assertThat(found.get(2))
                .startsWith("PROBLEM state.directory: there are ")
                .endsWith("or lower limits.body");
        assertThat(found.get(3))
                .startsWith("WARNING listen.https: java (process "
                        + ProcessHandle.current().pid() + ") listens on ")
                .contains("127.0.0.1 port " + web);
        assertThat(found.get(4)).startsWith("PROBLEM listen.https: 192.0.2.1 is no address of this machine");
        assertThat(found.get(5)).startsWith("PROBLEM upstreams.old.web: cannot be reached: Connection refused");
        assertThat(found.get(6)).startsWith("WARNING upstreams.new.web: cannot be reached: Connection refused");
    }

    private static int dead() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    @Test
    void aCertificateThatEndsSoon() throws Exception {
        certificate(Duration.ofDays(9), "example.social");

        assertThat(found(config("", ANY_PORT, here(web), here(web))))
                .singleElement()
                .asString()
                .startsWith("WARNING certificates: ")
                .endsWith("is it renewed by itself?");
    }

    @Test
    void servicesThatAreThereAndDoNotServe() throws Exception {
        int sick = serves(new ServerSocket(0, 9, InetAddress.getLoopbackAddress()), "HTTP/1.1 503 No database\r\n\r\n");
        int mute = serves(new ServerSocket(0, 9, InetAddress.getLoopbackAddress()), "");

        assertThat(found(config(
                        "", ANY_PORT, here(sick) + "\nstreaming = \"http://127.0.0.1:" + mute + "\"", here(web))))
                .containsExactly(
                        "WARNING upstreams.old.web: it is there, but answers: HTTP/1.1 503 No database",
                        "PROBLEM upstreams.old.streaming: cannot be reached: it closed the connection without an answer;"
                                + " does it run, and listen there?");
    }

    @Test
    void anHttpsServiceIsVerified() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("site", key.getPrivate(), new char[0], new Certificate[] {
            TestCertificates.certificate(key, Instant.now(), Duration.ofDays(1), "example.social")
        });
        keys.init(store, new char[0]);
        context.init(keys.getKeyManagers(), null, null);
        int tls =
                serves(context.getServerSocketFactory().createServerSocket(0, 9, InetAddress.getLoopbackAddress()), OK);
        String https = "web = \"https://127.0.0.1:" + tls + "\"\n";
        Path ca = folder.resolve("ca.pem");

        assertThat(found(config("", ANY_PORT, here(web), https + "server_name = \"example.social\"")))
                .singleElement()
                .asString()
                .startsWith("WARNING upstreams.new.web: TLS: ")
                .endsWith("see server_name and ca");
        trust(ca, store.getCertificate("site"));
        assertThat(found(config("", ANY_PORT, here(web), https + "server_name = \"example.social\"\nca = \"ca.pem\"")))
                .isEmpty();
        assertThat(found(config("", ANY_PORT, here(web), https + "server_name = \"example.org\"\nca = \"ca.pem\"")))
                .singleElement()
                .asString()
                .contains("TLS: ", "example.org");
    }

    private static void trust(Path file, Certificate certificate) throws Exception {
        Files.writeString(
                file,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
    }

    @Test
    void aUnixSocket() throws Exception {
        Path path = folder.resolve("web.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            Thread thread = new Thread(() -> {
                try (var client = server.accept()) {
                    client.read(ByteBuffer.allocate(4096));
                    client.write(ByteBuffer.wrap(OK.getBytes(US_ASCII)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            thread.start();
            assertThat(found(config("", ANY_PORT, here(web), "web = \"unix:" + path + "\"")))
                    .isEmpty();
            thread.join();
        }
        assertThat(found(config("", ANY_PORT, "web = \"unix:" + path + "\"", here(web))))
                .singleElement()
                .asString()
                .startsWith("PROBLEM upstreams.old.web: cannot be reached: ");
    }
}
