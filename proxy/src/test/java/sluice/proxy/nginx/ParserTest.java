package sluice.proxy.nginx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ParserTest {
    @Test
    void wordsBlocksAndPlaces() throws Exception {
        List<Directive> top = parse("""
                # a comment; { with everything }
                user www-data;

                http {
                    server { listen 80; # behind
                        location = /x { return 204; }
                    }
                }
                """);

        assertThat(top).hasSize(2);
        assertThat(top.get(0)).isEqualTo(new Directive("user", List.of("www-data"), null, new Place("f", 2)));
        Directive server = top.get(1).inside().get(0);
        assertThat(server.place()).isEqualTo(new Place("f", 5));
        assertThat(server.inside().get(0).args()).containsExactly("80");
        assertThat(server.inside().get(1).args()).containsExactly("=", "/x");
        assertThat(server.inside().get(1).inside().get(0).place().line()).isEqualTo(6);
    }

    static Stream<Arguments> words() {
        return Stream.of(
                // Quotes count at the beginning of a word only.
                Arguments.of("a \"b c\" 'd e'", List.of("b c", "d e")),
                Arguments.of("a it's don\"t", List.of("it's", "don\"t")),
                Arguments.of("a \"say \\\"hi\\\"\" 'it\\'s'", List.of("say \"hi\"", "it's")),
                Arguments.of("a \"\" ''", List.of("", "")),
                Arguments.of("a \"b;{}#\nc\"", List.of("b;{}#\nc")),
                Arguments.of("if ($a = 'x')", List.of("($a", "=", "x", ")")),
                // A backslash takes the meaning from any character, and stays unless that is a quote or a backslash.
                Arguments.of("a b\\;c \\{ \\ d", List.of("b\\;c", "\\{", "\\ d")),
                Arguments.of("a ^/\\.well-known/\\d+$", List.of("^/\\.well-known/\\d+$")),
                Arguments.of("a \\\\. b\\tc", List.of("\\.", "b\tc")),
                // Variables stay text; their brace opens no block.
                Arguments.of("a $host ${host}x \"${a}b\"", List.of("$host", "${host}x", "${a}b")),
                // Within a word these are letters like any other.
                Arguments.of("a b#c d}e", List.of("b#c", "d}e")));
    }

    @ParameterizedTest
    @MethodSource("words")
    void wordsAreThoseOfNginx(String text, List<String> expected) throws Exception {
        assertThat(parse(text + ";").get(0).args()).isEqualTo(expected);
    }

    @Test
    void linesWithinQuotesCount() throws Exception {
        List<Directive> top = parse("a \"1\n2\n3\";\nb\n c;\nd;");

        assertThat(top).extracting(directive -> directive.place().line()).containsExactly(1, 4, 6);
    }

    @Test
    void luaIsPassedOver() throws Exception {
        List<Directive> top = parse("""
                access_by_lua_block {
                    -- }
                    --[[ } ]] local a = { "}", '\\'}', [==[ ]] } ]==] }
                    if a then b = { { } } end -- it's fine
                }
                set_by_lua_block $x { return "{" }
                after;
                """);

        assertThat(top).extracting(Directive::name).containsExactly("access_by_lua_block", "set_by_lua_block", "after");
        assertThat(top).extracting(directive -> directive.place().line()).containsExactly(1, 6, 7);
        assertThat(top.get(1).args()).containsExactly("$x");
        assertThat(top.get(0).inside()).isEmpty();
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of("a;\nb", 2, "ends in the middle of a directive"),
                Arguments.of("a {\n b;\n", 1, "\"{\" of \"a\" is never closed"),
                Arguments.of("a;\n}\n", 2, "closes nothing"),
                Arguments.of("a {\n b\n}\n", 3, "needs a \";\" before"),
                Arguments.of("\n;", 2, "no directive before this \";\""),
                Arguments.of("\n{ }", 2, "no directive before this \"{\""),
                Arguments.of("a\n\"b\n;\n", 2, "quotes that open here"),
                Arguments.of("a \"b\nc\"d;", 2, "directly behind closing quotes"),
                Arguments.of("a b\\", 1, "ends in the middle"),
                Arguments.of("a;\nb \0;", 2, "code 0"),
                Arguments.of("a;\nx_by_lua_block { '}' ", 2, "never ends"),
                Arguments.of("a " + "x".repeat(Words.LONGEST_WORD + 1) + ";", 1, "more than 4096"),
                Arguments.of(
                        "a {\n".repeat(Parser.DEEPEST + 1) + "}".repeat(Parser.DEEPEST + 1),
                        33,
                        "more than 32 blocks"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakesHaveALine(String text, int line, String what) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(NginxException.class)
                .hasMessageStartingWith("f:" + line + ": ")
                .hasMessageContaining(what);
    }

    /** Whatever is in a file, it is a tree or a mistake. */
    @Test
    void anythingEnds() {
        String[] pieces = {
            "a", " ", ";", "{", "}", "\"", "'", "\\", "$", "#", "\n", "x_by_lua_block", "[", "=", "]", "-", "include"
        };
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            random.ints(random.nextInt(40), 0, pieces.length).forEach(piece -> text.append(pieces[piece]));
            try {
                assertThat(parse(text.toString())).isNotNull();
            } catch (NginxException e) {
                assertThat(e).as("seed %s: %s", seed, text).hasMessageMatching("(?s)f:\\d+: .+");
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + text, e);
            }
        }
    }

    private static List<Directive> parse(String text) throws NginxException {
        return Parser.parse("f", text);
    }
}
