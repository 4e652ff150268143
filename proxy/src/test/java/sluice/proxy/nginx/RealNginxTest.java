package sluice.proxy.nginx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where nginx is installed, it takes every configuration of the tests: what the importer is tried on is real. */
class RealNginxTest {
    private static final Path NGINX = Path.of("/usr/sbin/nginx");
    private static final Path MODULES = Path.of(System.getProperty("sluice.nginx.modules", "/usr/lib/nginx/modules"));

    /** What to leave out where a module is not installed. */
    private static final Map<String, Pattern> OF_MODULES = Map.of(
            "ngx_http_brotli_filter_module.so", Pattern.compile("(?m)^\\s*brotli(?:_(?!static)\\w+)? [^;]*;"),
            "ngx_http_brotli_static_module.so", Pattern.compile("(?m)^\\s*brotli_static [^;]*;"),
            "ngx_http_lua_module.so", Pattern.compile("(?ms)^\\s*content_by_lua_block \\{.*?^        }"),
            "ndk_http_module.so", Pattern.compile("(?!)"));

    /** No privilege is needed for these, and nobody who listens is in the way of a test. */
    private static final Pattern PORT = Pattern.compile("(?m)^(\\s*listen [^;]*?)\\b(80|443|8888)(?=[ ;])");

    @TempDir
    Path folder;

    static Stream<String> names() throws Exception {
        return NginxFolder.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void nginxTakesIt(String name) throws Exception {
        assertThat(test(NginxFolder.of(name, folder))).contains("test is successful");
    }

    @Test
    void nginxWouldNotTakeWhatIsWrong() throws Exception {
        NginxFolder machine = NginxFolder.of("stock46", folder);
        Files.writeString(
                machine.site(), Files.readString(machine.site()).replace("try_files $uri =404;", "try_files;"));

        assertThat(test(machine)).contains("invalid number of arguments in \"try_files\"");
    }

    @ParameterizedTest
    @MethodSource("names")
    void whatNginxPrintsIsTheSame(String name) throws Exception {
        NginxFolder machine = NginxFolder.of(name, folder);
        String printed = run(machine, "-T");
        Configuration files = Configuration.read(List.of(machine.main()));
        Configuration dump = Configuration.of("-", printed.getBytes(StandardCharsets.UTF_8), folder);

        assertThat(dump.top()).isEqualTo(files.top());
    }

    /** nginx names the file that it could not open, so it tells what it made of a word. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "it's", "don\"t", "\"say \\\"hi\\\"\"", "'it\\'s'", "b\\;c", "\\{", "\\ d", "b#c", "d}e", "${host}x",
                        "\"${a}b\"",
                "\\\\.", "b\\tc", "^/\\.well-known/\\d+$", "\"b;{}#\"", "'b\\c'", "a\\\\\\;b", "$", "a$\\{b", "a'b'",
                        "\\\"", "a\\nb"
            })
    void wordsAreThoseOfNginx(String word) throws Exception {
        assumeTrue(Files.isExecutable(NGINX), "nginx is not installed");
        Path file = folder.resolve("nginx.conf");
        Files.writeString(file, "include " + word + ";");
        String said = nginx("-t", file, folder.toString());
        String read = Parser.parse("f", Files.readString(file)).get(0).arg(0);

        assertThat(said).contains("open() \"" + folder + "/" + read + "\" failed");
    }

    private static String test(NginxFolder machine) throws Exception {
        return run(machine, "-t");
    }

    private static String run(NginxFolder machine, String option) throws Exception {
        assumeTrue(Files.isExecutable(NGINX), "nginx is not installed");
        for (Path file : machine.files()) {
            String text = Files.readString(file);
            Files.writeString(
                    file,
                    PORT.matcher(withModules(text))
                            .replaceAll(match -> match.group(1) + (20_000 + Integer.parseInt(match.group(2)))));
        }
        for (Path file : machine.files()) {
            Files.writeString(file, withoutModules(Files.readString(file)));
        }
        return nginx(option, machine.main(), machine.path("/"));
    }

    private static String nginx(String option, Path main, String prefix) throws Exception {
        Process nginx = new ProcessBuilder(NGINX.toString(), option, "-c", main.toString(), "-p", prefix)
                .redirectErrorStream(true)
                .start();
        String said = new String(nginx.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(nginx.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    private static String withModules(String text) {
        return text.replaceAll("(?m)^load_module modules/", "load_module " + MODULES + "/");
    }

    private static String withoutModules(String text) throws IOException {
        String without = text;
        for (Map.Entry<String, Pattern> module : OF_MODULES.entrySet()) {
            if (!Files.exists(MODULES.resolve(module.getKey()))) {
                without = without.replaceAll("(?m)^load_module .*" + Pattern.quote(module.getKey()) + ";$", "");
                without = module.getValue().matcher(without).replaceAll("");
            }
        }
        return without;
    }
}
