package sluice.proxy.config;

import static sluice.proxy.config.Quantities.shown;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The shapes of values: names, addresses, files. */
final class Forms {
    /** RFC 1123 section 2.1; international names are written in their ASCII form. */
    private static final Pattern DOMAIN = Pattern.compile(
            "(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");
    /** sun_path in sockaddr_un holds 108 bytes with the final zero: unix(7). */
    private static final int LONGEST_SOCKET_PATH = 107;

    private static final int SHORTEST_TOKEN = 16;
    private static final String UNIX = "unix:";

    private Forms() {}

    static String text(JsonNode value, String right) throws Mistake {
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw new Mistake(shown(value) + " is not a text", right);
        }
        return value.textValue();
    }

    static Form<Boolean> bool() {
        return value -> {
            if (!value.isBoolean()) {
                throw new Mistake(shown(value) + " is neither true nor false", "write true or false");
            }
            return value.booleanValue();
        };
    }

    static <T> Form<T> oneOf(String right, Map<String, T> values) {
        return value -> {
            T chosen = value.isTextual() ? values.get(value.textValue()) : null;
            if (chosen == null) {
                throw new Mistake(shown(value) + " is not known", right);
            }
            return chosen;
        };
    }

    static Form<String> domain() {
        String right = "write a name such as \"example.social\"";
        return value -> {
            String name = text(value, right);
            if (!DOMAIN.matcher(name).matches()) {
                throw new Mistake(shown(value) + " is not a domain name", right);
            }
            return name;
        };
    }

    static Form<Network> network() {
        String right = "write a network such as \"10.0.0.0/8\" or \"2001:db8::/32\"";
        return value -> {
            try {
                return Network.parse(text(value, right));
            } catch (IllegalArgumentException e) {
                throw new Mistake(shown(value) + " is not a network: " + e.getMessage(), right);
            }
        };
    }

    static Form<InetSocketAddress> socketAddress() {
        String right = "write an address and a port such as \"0.0.0.0:443\" or \"[::]:443\"";
        return value -> {
            String text = text(value, right);
            int colon = text.lastIndexOf(':');
            if (colon < 0) {
                throw new Mistake(shown(value) + " has no port", right);
            }
            InetAddress address = hostAddress(text.substring(0, colon));
            if (address == null) {
                throw new Mistake(shown(value) + " does not begin with an IP address", right);
            }
            String port = text.substring(colon + 1);
            if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
                throw new Mistake(shown(value) + " does not end with a port from 0 to 65535", right);
            }
            return new InetSocketAddress(address, Integer.parseInt(port));
        };
    }

    private static @Nullable InetAddress hostAddress(String host) {
        if (host.startsWith("[") && host.endsWith("]") && host.contains(":")) {
            return Network.address(host.substring(1, host.length() - 1));
        }
        return host.contains(":") ? null : Network.address(host);
    }

    static boolean isUnix(JsonNode value) {
        return value.isTextual() && value.textValue().startsWith(UNIX);
    }

    static Form<Path> unixSocket() {
        String right = "write unix: and an absolute path, such as \"unix:/run/sluice/admin.sock\"";
        return value -> {
            String path = text(value, right).substring(UNIX.length());
            if (!path.startsWith("/")) {
                throw new Mistake(shown(value) + " has no absolute path", right);
            }
            if (path.getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_PATH) {
                throw new Mistake(shown(value) + " is too long for a socket", "take a path of at most 107 bytes");
            }
            return path(value, path, right);
        };
    }

    /** A service of an upstream. What comes back has a scheme and a host, or a path when the scheme is unix. */
    static Form<URI> service() {
        String right = "write \"http://host:port\", \"https://host\" or \"unix:/path\"";
        return value -> {
            if (isUnix(value)) {
                return unixService(unixSocket().read(value));
            }
            URI uri;
            try {
                uri = new URI(text(value, right));
            } catch (URISyntaxException e) {
                throw new Mistake(shown(value) + " is not an address: " + e.getReason(), right);
            }
            if (!"http".equals(uri.getScheme()) && !"https".equals(uri.getScheme())) {
                throw new Mistake(shown(value) + " begins with neither http://, https:// nor unix:/", right);
            }
            if (uri.getHost() == null) {
                throw new Mistake(shown(value) + " has no host, or one that is not valid", right);
            }
            if (uri.getPort() == 0 || uri.getPort() > 65_535) {
                throw new Mistake(shown(value) + " has a port that does not exist", "take a port from 1 to 65535");
            }
            if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
                throw new Mistake(shown(value) + " has more than a host and a port", right);
            }
            if (!uri.getRawPath().isEmpty() && !uri.getRawPath().equals("/")) {
                throw new Mistake(shown(value) + " has a path, but requests keep their own", right);
            }
            return uri;
        };
    }

    /** A service in plain text: certificate authorities ask for challenges by http only. */
    static Form<URI> plainService() {
        String right = "write \"http://host\" or \"http://host:port\"";
        return value -> {
            URI uri = service().read(value);
            if (!"http".equals(uri.getScheme())) {
                throw new Mistake(shown(value) + " is not plain http", right);
            }
            return uri;
        };
    }

    /** What may stand behind the colon of a header field (RFC 9110 section 5.5), in ASCII; may be empty. */
    static Form<String> fieldValue(String right) {
        return value -> {
            if (!value.isTextual() || !value.textValue().strip().matches("[ -~]*")) {
                throw new Mistake(shown(value) + " cannot be the value of a header field", right);
            }
            return value.textValue().strip();
        };
    }

    private static URI unixService(Path socket) {
        try {
            return new URI("unix", null, socket.toString(), null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("an absolute path always makes an address: " + socket, e);
        }
    }

    /** A file that can be read and that is not empty. A relative path counts from {@code base}. */
    static Form<Path> file(Path base, String right) {
        return value -> {
            Path path = path(value, base, right);
            if (!Files.isRegularFile(path)) {
                throw new Mistake(shown(value) + (Files.exists(path) ? " is not a file" : " does not exist"), right);
            }
            if (!Files.isReadable(path)) {
                throw new Mistake(shown(value) + " cannot be read by this user", right);
            }
            if (size(path) == 0) {
                throw new Mistake(shown(value) + " is empty", right);
            }
            return path;
        };
    }

    /** A page for errors, from {@code base} on: it is read once and kept. */
    static Form<Path> errorPage(Path base) {
        String right = "write the HTML file that the site shows when something fails, of at most "
                + shown(ProxyConfig.MAX_ERROR_PAGE);
        return value -> {
            Path file = file(base, right).read(value);
            if (size(file) > ProxyConfig.MAX_ERROR_PAGE) {
                throw new Mistake(shown(value) + " has " + size(file) + " bytes", right);
            }
            return file;
        };
    }

    /** The page that stands in a site's root without anybody having named it, or null when there is none to be used. */
    static @Nullable Path errorPageOf(Path root) {
        Path page = root.resolve("500.html");
        boolean usable = Files.isRegularFile(page)
                && Files.isReadable(page)
                && size(page) > 0
                && size(page) <= ProxyConfig.MAX_ERROR_PAGE;
        return usable ? page : null;
    }

    static Form<Path> existingDirectory(Path base, String right) {
        return value -> {
            Path path = path(value, base, right);
            if (!Files.isDirectory(path)) {
                throw new Mistake(shown(value) + (Files.exists(path) ? " is not a folder" : " does not exist"), right);
            }
            return path;
        };
    }

    /** A file that is added to; it need not exist yet, but its folder has to. */
    static Form<Path> written(Path base, String right) {
        return value -> {
            Path path = path(value, base, right);
            Path folder = path.getParent();
            if (Files.isDirectory(path)) {
                throw new Mistake(shown(value) + " is a folder", right);
            }
            if (folder == null || !Files.isDirectory(folder)) {
                throw new Mistake(shown(value) + " is in a folder that does not exist", right);
            }
            if (!Files.isWritable(Files.exists(path) ? path : folder)) {
                throw new Mistake(shown(value) + " cannot be written to by this user", right);
            }
            return path;
        };
    }

    /** A folder that may not exist yet. */
    static Form<Path> directory(Path base, String right) {
        return value -> {
            Path path = path(value, base, right);
            if (Files.exists(path) && !Files.isDirectory(path)) {
                throw new Mistake(shown(value) + " is not a folder", right);
            }
            return path;
        };
    }

    static Form<Path> certificateFolder(Path base, CertificateCheck check) {
        String right = "write a folder with fullchain.pem and privkey.pem";
        return value -> {
            Path folder = existingDirectory(base, right).read(value);
            String mistake = check.mistakeInFolder(folder);
            if (mistake != null) {
                throw new Mistake(mistake, right);
            }
            return folder;
        };
    }

    /** A file with the token for changes over TCP. */
    static Form<Path> token(Path base) {
        String right = "write a file that holds at least " + SHORTEST_TOKEN
                + " characters; openssl rand -hex 32 makes a token";
        return value -> {
            Path file = file(base, right).read(value);
            try {
                if (Files.readString(file).strip().length() < SHORTEST_TOKEN) {
                    throw new Mistake(shown(value) + " holds a token that is too short", right);
                }
            } catch (IOException e) {
                throw new Mistake(shown(value) + " cannot be read: " + e, right);
            }
            return file;
        };
    }

    static Form<Path> authorities(Path base, CertificateCheck check) {
        String right = "write a PEM file with the authorities to trust";
        return value -> {
            Path file = file(base, right).read(value);
            String mistake = check.mistakeInAuthorities(file);
            if (mistake != null) {
                throw new Mistake(mistake, right);
            }
            return file;
        };
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }

    private static Path path(JsonNode value, Path base, String right) throws Mistake {
        return base.resolve(path(value, text(value, right), right)).normalize();
    }

    private static Path path(JsonNode value, String text, String right) throws Mistake {
        if (text.indexOf('\0') >= 0) {
            throw new Mistake(shown(value) + " is not a path", right);
        }
        return Path.of(text);
    }
}
