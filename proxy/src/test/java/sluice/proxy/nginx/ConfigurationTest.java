package sluice.proxy.nginx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
    @TempDir
    Path folder;

    @Test
    void includesCountFromTheFolderOfTheMainFileWhereverTheyStand() throws Exception {
        write("nginx.conf", "http { include sites/a; }");
        write("sites/a", "one; include snippets/s;");
        write("snippets/s", "two;");

        assertThat(names(read("nginx.conf"))).containsExactly("one", "two");
        assertThat(read("sites/a")).extracting(Directive::name).containsExactly("one", "two");
        assertThat(read("sites/a").get(1).place()).isEqualTo(new Place(folder + "/snippets/s", 1));
    }

    @Test
    void patternsGiveFilesInOrderAndWithoutHiddenOnes() throws Exception {
        write("nginx.conf", "http { include conf.d/*.conf; include none/*.conf; include si?es/[a-c]*; }");
        write("conf.d/20.conf", "d20;");
        write("conf.d/10.conf", "d10;");
        write("conf.d/B.conf", "dB;");
        write("conf.d/.hidden.conf", "hidden;");
        write("conf.d/10.conf.bak", "bak;");
        write("sites/b", "sb;");
        write("sites/d", "sd;");

        assertThat(names(read("nginx.conf"))).containsExactly("d10", "d20", "dB", "sb");
    }

    @ParameterizedTest
    @CsvSource({
        "*.conf, a.conf, true",
        "*.conf, a.confx, false",
        "*, .hidden, false",
        ".*, .hidden, true",
        "a?c, abc, true",
        "a?c, ac, false",
        "[!a-c]x, dx, true",
        "[!a-c]x, bx, false",
        "[]a]x, ]x, true",
        "a[b, a[b, true",
        "a.b, axb, false",
        "'{a,b}', a, false",
        "\\*, *, true",
        "[z-a], b, false"
    })
    void globs(String pattern, String name, boolean matches) {
        assertThat(Glob.matches(pattern, name)).isEqualTo(matches);
    }

    @Test
    void aFileThatIsNotThereIsTold() throws Exception {
        write("nginx.conf", "a;\ninclude gone.conf;");

        assertThatThrownBy(() -> read("nginx.conf"))
                .isInstanceOf(NginxException.class)
                .hasMessage(folder + "/nginx.conf:2: " + folder + "/gone.conf does not exist");
        assertThatThrownBy(() -> read("other.conf")).hasMessageContaining("other.conf does not exist");
    }

    @Test
    void aMistakeInAnIncludedFileHasItsOwnLine() throws Exception {
        write("nginx.conf", "include b.conf;");
        write("b.conf", "ok;\n}\n");

        assertThatThrownBy(() -> read("nginx.conf")).hasMessageStartingWith(folder + "/b.conf:2: ");
    }

    @Test
    void filesThatIncludeEachOtherAreRefused() throws Exception {
        write("nginx.conf", "include b.conf;");
        write("b.conf", "x;\ninclude nginx.conf;");

        assertThatThrownBy(() -> read("nginx.conf"))
                .isInstanceOf(NginxException.class)
                .hasMessageStartingWith(folder + "/b.conf:2: files include each other: ");
    }

    @Test
    void includesAreBoundedInDepth() throws Exception {
        for (int i = 0; i <= Configuration.DEEPEST_INCLUDE + 1; i++) {
            write(i == 0 ? "nginx.conf" : i + ".conf", "include " + (i + 1) + ".conf;");
        }

        assertThatThrownBy(() -> read("nginx.conf")).hasMessageContaining("more than 16 includes within each other");
    }

    @Test
    void includesAreBoundedInNumber() throws Exception {
        write("nginx.conf", "include 1.conf; include 1.conf;");
        for (int i = 1; i < 12; i++) {
            write(i + ".conf", "include " + (i + 1) + ".conf; include " + (i + 1) + ".conf;");
        }
        write("12.conf", "end;");

        assertThatThrownBy(() -> read("nginx.conf")).hasMessageContaining("more than 2000 files");
    }

    @Test
    void aFileThatWasIncludedAlreadyIsNotReadTwice() throws Exception {
        write("nginx.conf", "http { include sites/*; }");
        write("sites/a", "one;");

        List<Directive> top = Configuration.read(List.of(folder.resolve("nginx.conf"), folder.resolve("sites/a")))
                .top();
        assertThat(top).extracting(Directive::name).containsExactly("http");
    }

    @Test
    void theOutputOfNginxIsSeveralFiles() throws Exception {
        List<Directive> top = dump("""
                nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
                nginx: configuration file /etc/nginx/nginx.conf test is successful
                # configuration file /etc/nginx/nginx.conf:
                http {
                    include sites/*;
                    include mime.types;
                }

                # configuration file /etc/nginx/sites/b:
                b;

                # configuration file /etc/nginx/sites/a:
                # configuration file of my own
                a;

                # configuration file /etc/nginx/mime.types:
                types;
                """);

        assertThat(names(top)).containsExactly("a", "b", "types");
        assertThat(top.get(0).inside().get(0).place()).isEqualTo(new Place("/etc/nginx/sites/a", 2));
        assertThat(top.get(0).place()).isEqualTo(new Place("/etc/nginx/nginx.conf", 1));
    }

    @Test
    void whatIsMissingInTheOutputOrTooMuchIsTold() {
        assertThatThrownBy(() -> dump("# configuration file /etc/nginx/nginx.conf:\ninclude a;\n"))
                .hasMessage(
                        "/etc/nginx/nginx.conf:1: /etc/nginx/a cannot be read: it is not in the output of nginx -T");
        assertThatThrownBy(() -> dump("# configuration file /n/nginx.conf:\na;\n# configuration file /n/b:\nb;\n"))
                .hasMessageStartingWith("/n/b: it is in the output of nginx -T, but no include names it");
    }

    @Test
    void latin1IsReadToo() throws Exception {
        Files.write(folder.resolve("nginx.conf"), "# caf\u00e9\na;".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(read("nginx.conf")).extracting(Directive::name).containsExactly("a");
    }

    private List<Directive> dump(String text) throws Exception {
        return Configuration.of("-", text.getBytes(StandardCharsets.UTF_8), folder)
                .top();
    }

    private List<Directive> read(String name) throws Exception {
        return Configuration.read(List.of(folder.resolve(name))).top();
    }

    private static List<String> names(List<Directive> top) {
        return top.get(0).inside().stream().map(Directive::name).toList();
    }

    private void write(String name, String text) throws Exception {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
