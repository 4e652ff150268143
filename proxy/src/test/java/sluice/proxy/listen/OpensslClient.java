package sluice.proxy.listen;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@code openssl s_client}: a client of somebody else's making, which can also do what the JDK's refuses to. */
final class OpensslClient {
    private static final Path OPENSSL = Path.of("/usr/bin/openssl");
    private static final String GREETING = "hello through openssl";

    private static final int SECONDS = 30;

    private OpensslClient() {}

    /** Connects, says something, waits for its echo or the end, hangs up. Returns all that openssl said. */
    static String run(InetSocketAddress address, String... arguments) throws IOException, InterruptedException {
        return saying(GREETING + "\n", address, arguments);
    }

    /** The same with something else to say; then only the server ends it. */
    static String saying(String text, InetSocketAddress address, String... arguments)
            throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(OPENSSL), "openssl is not installed");
        List<String> command = new ArrayList<>(List.of(
                OPENSSL.toString(),
                "s_client",
                "-connect",
                address.getAddress().getHostAddress() + ":" + address.getPort()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        // So that a server that neither answers nor ends fails the test instead of hanging it.
        CompletableFuture.delayedExecutor(SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly);
        StringBuilder said = new StringBuilder();
        OutputStream in = process.getOutputStream();
        try (InputStream out = process.getInputStream()) {
            try {
                in.write(text.getBytes(StandardCharsets.US_ASCII));
                in.flush();
            } catch (IOException ended) {
                // Refused already; what it said tells why.
            }
            byte[] some = new byte[8192];
            for (int n = out.read(some); n >= 0; n = out.read(some)) {
                said.append(new String(some, 0, n, StandardCharsets.ISO_8859_1));
                if (said.indexOf(GREETING) >= 0) {
                    in.close();
                }
            }
        }
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("openssl does not end: " + said);
        }
        return said.toString();
    }

    static boolean echoed(String said) {
        return said.contains(GREETING);
    }

    static boolean resumed(String said) {
        return said.contains("Reused, TLSv1.");
    }
}
