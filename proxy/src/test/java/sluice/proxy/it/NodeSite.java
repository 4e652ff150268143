package sluice.proxy.it;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A side of the move that runs on node, with its {@code ws} package; see {@code clients/site.js}. */
final class NodeSite implements AutoCloseable {
    /** Where Debian puts node's packages. */
    static final Map<String, String> PACKAGES = Map.of("NODE_PATH", "/usr/share/nodejs:/usr/lib/nodejs");

    static final Path CLIENTS = Path.of("src/test/resources/clients").toAbsolutePath();

    private final Program program;
    private final URI uri;

    NodeSite(String name) throws Exception {
        program = Program.start(
                PACKAGES, List.of("node", CLIENTS.resolve("site.js").toString(), name));
        uri = URI.create("http://127.0.0.1:" + program.awaitLine("listening "));
    }

    URI uri() {
        return uri;
    }

    /** The body of the first POST to this path. */
    String awaitPost(String path) throws InterruptedException {
        return program.awaitLine("POST " + path + " ");
    }

    @Override
    public void close() {
        program.close();
    }
}
