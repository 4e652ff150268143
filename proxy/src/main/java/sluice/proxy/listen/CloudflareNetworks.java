package sluice.proxy.listen;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import sluice.proxy.config.Network;

/** The networks that Cloudflare connects from; a list that ships with the proxy. */
public final class CloudflareNetworks {
    private static final String RESOURCE = "cloudflare.txt";

    private CloudflareNetworks() {}

    /** Reads the list. */
    public static List<Network> load() {
        try (InputStream in = CloudflareNetworks.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing from the program");
            }
            return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> Network.parse(line.strip()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
