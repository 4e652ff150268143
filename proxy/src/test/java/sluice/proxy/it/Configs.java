package sluice.proxy.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Configurations of proxies that are run on the real program. Ports are chosen by the system. */
final class Configs {
    private Configs() {}

    /** The admin socket of every proxy that runs in this folder. */
    static AdminSocket admin(Path folder) {
        return new AdminSocket(folder.resolve("admin.sock"));
    }

    /** Serves the site on plain http. {@code top} are keys of the top level, dotted ones too. */
    static Path plain(Path folder, URI old, URI next, String top) throws IOException {
        return write(folder, old, next, top, "http = [\"127.0.0.1:0\"]\nhttps = []");
    }

    /** Serves the site on https; the certificate is in {@code state/self-signed/fullchain.pem}. */
    static Path tls(Path folder, URI old, URI next, String top) throws IOException {
        return write(folder, old, next, top, "https = [\"127.0.0.1:0\"]\nhttp = []");
    }

    /** As {@link #tls}, with a certificate that {@code top} says. */
    static Path tlsWith(Path folder, URI site, String top) throws IOException {
        Path config = tls(folder, site, site, top);
        return Files.writeString(config, Files.readString(config).replace("self_signed = true\n", ""));
    }

    static Path certificate(Path folder) {
        return folder.resolve("state/self-signed/fullchain.pem");
    }

    private static Path write(Path folder, URI old, URI next, String top, String listen) throws IOException {
        return Files.writeString(folder.resolve("proxy.toml"), """
                domains = ["localhost"]
                self_signed = true
                state.directory = "state"
                %s
                %s
                [listen]
                %s
                admin = ["unix:%s"]
                [upstreams.old]
                web = "%s"
                [upstreams.new]
                web = "%s"
                """.formatted(
                        oneAddress(top), top, listen, folder.resolve("admin.sock"), old, next));
    }

    /** All clients of a test have one address, unless that is what it is about. */
    private static String oneAddress(String top) {
        return top.contains("connections_per_address") ? "" : "limits.connections_per_address = 4096";
    }
}
