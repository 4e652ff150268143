package sluice.proxy.nginx;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sluice.proxy.listen.TestCertificates;

/** A configuration from the test resources, put into a folder that stands for the root of a machine, with all that it names. */
final class NginxFolder {
    /** A path that stands where one can begin. */
    private static final Pattern PATH = Pattern.compile("(?<=[\\s\"':])/(?=(?:etc|home|run|srv|var)/)");

    private static final Pattern CERTIFICATE = Pattern.compile("/etc/letsencrypt/live/([\\w.-]+)/");
    private static final Pattern MARK = Pattern.compile("#! *(against)? *(note)?$");

    private final Path machine;

    private NginxFolder(Path machine) {
        this.machine = machine;
    }

    /** All configurations there are. */
    static Stream<String> names() throws IOException, URISyntaxException {
        try (Stream<Path> folders = Files.list(resources())) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
        }
    }

    static NginxFolder of(String name, Path machine) throws Exception {
        NginxFolder folder = new NginxFolder(machine);
        Path from = resources().resolve(name);
        Path to = machine.resolve("etc/nginx");
        for (Path file : files(from)) {
            Path copy = to.resolve(from.relativize(file).toString());
            Files.createDirectories(copy.getParent());
            String text = Files.readString(file);
            Files.writeString(copy, PATH.matcher(text).replaceAll(Matcher.quoteReplacement(machine + "/")));
            folder.addCertificates(text);
        }
        for (String needed : List.of(
                "home/mastodon/live/public",
                "var/log/nginx",
                "var/cache",
                "var/www/letsencrypt",
                "var/www/errors",
                "run",
                "etc/nginx/certs")) {
            Files.createDirectories(machine.resolve(needed));
        }
        Files.writeString(machine.resolve("var/www/errors/maintenance.html"), "<p>Back soon.");
        Path authorities = TestCertificates.folder(machine.resolve("authorities"), KEY.getPrivate(), certificate("ca"));
        Files.copy(
                authorities.resolve("fullchain.pem"),
                machine.resolve("etc/nginx/certs/origin-pull-ca.pem"),
                StandardCopyOption.REPLACE_EXISTING);
        return folder;
    }

    private void addCertificates(String text) throws Exception {
        Matcher names = CERTIFICATE.matcher(text);
        while (names.find()) {
            Path folder = machine.resolve("etc/letsencrypt/live").resolve(names.group(1));
            if (!Files.exists(folder)) {
                TestCertificates.folder(folder, KEY.getPrivate(), certificate(names.group(1)));
            }
        }
    }

    private static X509Certificate certificate(String name) throws Exception {
        return TestCertificates.certificate(KEY, Instant.now(), Duration.ofDays(1), name);
    }

    Path main() {
        return machine.resolve("etc/nginx/nginx.conf");
    }

    Path site() {
        return machine.resolve("etc/nginx/sites-enabled/mastodon");
    }

    /** A path of that machine as it is named here. */
    String path(String path) {
        return machine + path;
    }

    List<Path> files() throws IOException {
        return files(machine.resolve("etc/nginx"));
    }

    /** The places of the lines that end in {@code #! against} or {@code #! note}. */
    List<String> marked(String mark) throws IOException {
        List<String> places = new ArrayList<>();
        for (Path file : files()) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                Matcher found = MARK.matcher(lines.get(i));
                if (found.find() && found.group().contains(mark)) {
                    places.add(file + ":" + (i + 1));
                }
            }
        }
        return places;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".pem"))
                    .sorted()
                    .toList();
        }
    }

    private static Path resources() throws URISyntaxException {
        URI folder = NginxFolder.class.getResource("/nginx").toURI();
        return Path.of(folder);
    }

    private static final KeyPair KEY = key();

    private static KeyPair key() {
        try {
            return TestCertificates.ec();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
