package sluice.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code [[rules]]} and {@code error_page}. */
class RuleTablesTest {
    private static final String LEAST = """
            domains = ["example.social"]
            self_signed = true
            upstreams.old.web = "http://127.0.0.1:3000"
            upstreams.new.web = "http://127.0.0.1:3001"
            """;

    @TempDir
    Path folder;

    @Test
    void rulesKeepTheirOrderAndKnowWhereTheyStand() throws Exception {
        ProxyConfig config = read("""
                [[rules]]
                path = "/a"
                class = "read"
                [[rules]]
                header = "X-Job"
                class = "inbox"
                """);
        assertThat(config.rules())
                .extracting(ProxyConfig.Rule::name, ProxyConfig.Rule::requestClass)
                .containsExactly(tuple("proxy.toml rules[0]", "read"), tuple("proxy.toml rules[1]", "inbox"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // keys of one rule | key | what is there | what would be right
                "path = \"/a\" | rules[1].class | is missing | \"stream\"",
                "path = \"/a\", class = \"writes\" | rules[1].class | \"writes\" is not known | \"write\"",
                "path = \"a\", class = \"read\" | rules[1].path | \"a\" is not a path | \"/search\"",
                "path = \"/a?b\", class = \"read\" | rules[1].path | is not a path | /users/*/inbox",
                "path = \"/a b\", class = \"read\" | rules[1].path | is not a path | /search",
                "path = \"/%61\", class = \"read\" | rules[1].path | is not a path | /search",
                "path = \"/a;b\", class = \"read\" | rules[1].path | is not a path | /search",
                "path = \"//a\", class = \"read\" | rules[1].path | has an empty segment | /search",
                "path = \"/a/../b\", class = \"read\" | rules[1].path | . or .. | /search",
                "path = \"/a/.\", class = \"read\" | rules[1].path | . or .. | /search",
                "path = 3, class = \"read\" | rules[1].path | 3 is not a text | /search",
                "path = \"/a\", class = \"read\", method = \"POST\" | rules[1].method | is not a list | [\"POST\"]",
                "path = \"/a\", class = \"read\", method = [\"get\"] | rules[1].method[0] | \"get\" is not a method | capitals",
                "path = \"/a\", class = \"read\", method = [] | rules[1].method | is an empty list | class decides",
                "path = \"/a\", class = \"stream\", method = [\"GET\", \"POST\"] | rules[1].method | cannot be a stream | GET",
                "header = \"x\", class = \"read\", method = [\"POST\"] | rules[1].path | is missing | only reads",
                "header = \"a b\", class = \"read\" | rules[1].header | is not a header field | name: value",
                "header = \"a:\", class = \"read\" | rules[1].header | is not a header field | name: value",
                "query = \"a=%41\", class = \"read\" | rules[1].query | is not a query parameter | name=value",
                "query = \"a=1&b=2\", class = \"read\" | rules[1].query | is not a query parameter | name=value",
                "class = \"read\" | rules[1] | is a rule for every request | path, header or query",
                "path = \"/a\", class = \"read\", service = \"node\" | rules[1].service | \"node\" is not known | \"streaming\"",
                "path = \"/a\", class = \"read\", methods = [\"GET\"] | rules[1].methods | is not a known key | method",
            })
    void aMistakeIsReportedWithItsKeyAndWhatWouldBeRight(String keys, String key, String found, String right)
            throws Exception {
        List<Problem> problems = problems("rules = [{path = \"/ok\", class = \"read\"}, {" + keys + "}]\n");
        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.key()).isEqualTo(key);
            assertThat(problem.found()).contains(found);
            assertThat(problem.right()).contains(right);
        });
    }

    @Test
    void allMistakesOfAllRulesAreReportedAtOnce() throws Exception {
        assertThat(problems("rules = [{path = \"a\"}, 3, {class = \"x\", query = \"\", service = 1}]\n"))
                .extracting(Problem::key)
                .containsExactlyInAnyOrder(
                        "rules[0].path",
                        "rules[0].class",
                        "rules[1]",
                        "rules[2].class",
                        "rules[2].query",
                        "rules[2].service");
        assertThat(problems("rules = 3\n")).extracting(Problem::key).containsExactly("rules");
        assertThat(problems("rules = [" + "{path = \"/a\", class = \"read\"},".repeat(201) + "]\n"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.found()).contains("201"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/*", "/a/*/b", "/@*", "/a.b/", "/a=b,c'(d)!~"})
    void pathsThatAreRight(String path) throws Exception {
        assertThat(read("rules = [{path = \"" + path + "\", class = \"write\"}]\n")
                        .rules())
                .extracting(ProxyConfig.Rule::path)
                .containsExactly(path);
    }

    @Test
    void theErrorPageOfTheRootIsFoundByItself() throws Exception {
        Path root = Files.createDirectories(folder.resolve("public"));
        assertThat(read("root = \"public\"\n").errorPage()).isNull();
        Path page = Files.writeString(root.resolve("500.html"), "<p>Sorry</p>");
        assertThat(read("root = \"public\"\n").errorPage()).isEqualTo(page);
        assertThat(read("").errorPage()).as("without a root").isNull();
        Files.write(page, new byte[ProxyConfig.MAX_ERROR_PAGE + 1]);
        assertThat(read("root = \"public\"\n").errorPage())
                .as("too large, and nobody asked for it")
                .isNull();
    }

    @Test
    void anErrorPageThatIsNamedHasToBeUsable() throws Exception {
        Path root = Files.createDirectories(folder.resolve("public"));
        Path page = Files.writeString(root.resolve("sorry.html"), "<p>Sorry</p>");
        assertThat(read("root = \"public\"\nerror_page = \"sorry.html\"\n").errorPage())
                .isEqualTo(page);
        assertThat(read("error_page = \"public/sorry.html\"\n").errorPage())
                .as("without a root it counts from the file")
                .isEqualTo(page);
        assertMistake("error_page = \"nowhere.html\"\n", "does not exist");
        assertMistake("error_page = \"public\"\n", "is not a file");
        Files.write(page, new byte[ProxyConfig.MAX_ERROR_PAGE + 1]);
        assertMistake("error_page = \"public/sorry.html\"\n", "has 262145 bytes");
    }

    private void assertMistake(String text, String found) throws IOException {
        assertThat(problems(text)).singleElement().satisfies(problem -> {
            assertThat(problem.key()).isEqualTo("error_page");
            assertThat(problem.found()).contains(found);
            assertThat(problem.right()).contains("256KiB");
        });
    }

    private ProxyConfig read(String text) throws Exception {
        return ConfigFile.read(write(text), new NoCheck());
    }

    private List<Problem> problems(String text) throws IOException {
        Path file = write(text);
        ConfigException e = catchThrowableOfType(ConfigException.class, () -> ConfigFile.read(file, new NoCheck()));
        assertThat(e).as("mistakes in %s", text).isNotNull();
        return e.problems();
    }

    /** Rules at the end, keys of the top at the start. */
    private Path write(String text) throws IOException {
        String all = text.startsWith("[[") ? LEAST + text : text + LEAST;
        return Files.writeString(folder.resolve("proxy.toml"), all);
    }

    /** There are no certificates in these files. */
    private static final class NoCheck implements CertificateCheck {
        @Override
        public @Nullable String mistakeInFolder(Path folder) {
            return null;
        }

        @Override
        public @Nullable String mistakeInAuthorities(Path file) {
            return null;
        }
    }
}
