package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules and the page for errors as the shipped program has them from one file. */
class RulesIT {
    private static final String BROWSER = "Accept: text/html,*/*;q=0.8\r\n";

    @TempDir
    Path folder;

    @Test
    void oneFileSaysItToClassifyToCheckAndToTheClients() throws Exception {
        Files.writeString(folder.resolve("500.html"), "<html><body>Our own sorry</body></html>");
        Path config = config();
        try (DistProxy classify =
                DistProxy.start("classify", "--config", config.toString(), "POST", "/translate", "Accept: */*")) {
            assertThat(classify.awaitExit()).isZero();
            assertThat(classify.lines()).contains("class:    read", "rule:     proxy.toml rules[0]");
        }
        try (DistProxy check = DistProxy.start("check", "--offline", "--config", config.toString())) {
            assertThat(check.awaitExit()).isZero();
            assertThat(check.lines())
                    .contains(
                            "  error page: " + folder.resolve("500.html"),
                            "  rules: 1 of its own, then those of the preset");
        }
        AdminSocket admin = new AdminSocket(folder.resolve("admin.sock"));
        try (DistProxy proxy = DistProxy.run(config)) {
            int port = proxy.port("http");
            assertThat(ask(port, "GET /about", BROWSER))
                    .startsWith("HTTP/1.1 502 ")
                    .endsWith("\r\n\r\n<html><body>Our own sorry</body></html>");
            admin.done("POST", "/v1/hold?ttl=1s&expiry=shed&wait=1s&owner=test");
            admin.awaitState(state -> state.at("/gate/arrivals").asText().equals("shed"));
            assertThat(ask(port, "POST /auth/sign_in", BROWSER + "Content-Length: 0\r\n"))
                    .startsWith("HTTP/1.1 503 ")
                    .contains("\r\nRetry-After: ")
                    .contains("Our own sorry<p>This site is being moved to another server.")
                    .endsWith("</p>\n</body></html>");
            assertThat(ask(port, "GET /oauth/authorize", "Accept: application/json\r\n"))
                    .as("a GET that writes")
                    .startsWith("HTTP/1.1 503 ")
                    .contains("\r\n\r\n{\"error\":\"This site is being moved");
            assertThat(ask(port, "POST /translate", "Content-Length: 0\r\n"))
                    .as("a POST that only reads goes to the upstream, which is not there")
                    .startsWith("HTTP/1.1 502 ");
        }
    }

    private static String ask(int port, String line, String fields) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String head = line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + fields + "\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            try (InputStream in = socket.getInputStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }

    /** Nobody listens where the upstreams are said to be: the port was free a moment ago. */
    private Path config() throws IOException {
        int nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = free.getLocalPort();
        }
        return Files.writeString(
                folder.resolve("proxy.toml"), """
                domains = ["localhost"]
                root = "."
                [listen]
                https = []
                http = ["127.0.0.1:0"]
                admin = ["unix:%s"]
                [state]
                directory = "state"
                [upstreams.old]
                web = "http://127.0.0.1:%d"
                [upstreams.new]
                web = "http://127.0.0.1:%d"
                [[rules]]
                method = ["POST"]
                path = "/translate"
                class = "read"
                """.formatted(folder.resolve("admin.sock"), nobody, nobody));
    }
}
