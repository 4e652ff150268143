package sluice.proxy.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileNameTest {
    private static String name(String path) {
        byte[] bytes = ("GET " + path + " HTTP").getBytes(StandardCharsets.ISO_8859_1);
        return FileName.of(bytes, 4, bytes.length - 5);
    }

    @ParameterizedTest
    @CsvSource({
        "/, /",
        "/a, /a",
        "/a/, /a/",
        "/a//b, /a/b",
        "//a, /a",
        "/a/./b, /a/b",
        "/a/., /a/",
        "/a/b/.., /a/",
        "/a/../b, /b",
        "/a/b/../../c, /c",
        "/%61, /a",
        "/a%2fb, /a/b",
        "/a%2F..%2fb, /b",
        "/%2e/a, /a",
        "/a%20b, /a b",
        "/a+b, /a+b",
        "/%2561, /%61",
        "/%C3%A4, /ä",
        "/.well-known/x, /.well-known/x",
        "/a..b, /a..b",
        "/..., '/...'",
    })
    void isDecodedOnceAndResolved(String path, String expected) {
        // Three dots make a hidden file like any other.
        assertThat(name(path)).isEqualTo(expected.equals("/...") ? null : expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/..",
                "/../a",
                "/a/../../b",
                "/%2e%2e/a",
                "/a/%2e%2e/%2E%2E/b",
                "/..%2fa",
                "/%",
                "/%4",
                "/%zz",
                "/%00",
                "/a%00.js",
                "/a%0ab",
                "/a%7f",
                "/a\\b",
                "/a%5c..%5cb",
                "/..\\..\\etc",
                "/%ff",
                "/%c0%ae%c0%ae/a",
                "/.env",
                "/a/.git/config",
                "/a/%2egit",
                "/.well-known/.hidden",
                "/.well-known",
                "/x/.well-known/y",
                "*",
                "a"
            })
    void isNone(String path) {
        assertThat(name(path)).isNull();
    }

    @Test
    void isNoneWhenTooLong() {
        assertThat(name("/" + "a".repeat(4096))).isNull();
    }

    /** Whatever is made of these pieces: the name never leads out, never needs resolving again, and hides nothing. */
    @Test
    void neverLeadsOutWhateverThePathIs() {
        List<String> pieces = List.of(
                "/",
                "//",
                ".",
                "..",
                "%2e",
                "%2E%2e",
                "%2f",
                "%5c",
                "\\",
                "%00",
                "%",
                "%25",
                "%252e",
                "%c0%ae",
                "a",
                "b.js",
                ".well-known",
                "system",
                "%C3%A4",
                "\u00ff",
                ";",
                " ",
                "%20",
                "~",
                ":",
                "*");
        Random random = new Random(20261123);
        Path root = Path.of("/srv/site/public");
        int names = 0;
        for (int i = 0; i < 300_000; i++) {
            StringBuilder path = new StringBuilder(random.nextInt(10) == 0 ? "" : "/");
            for (int n = random.nextInt(9); n > 0; n--) {
                path.append(
                        random.nextInt(8) == 0
                                ? String.valueOf((char) random.nextInt(256))
                                : pieces.get(random.nextInt(pieces.size())));
            }
            String name = name(path.toString());
            if (name == null) {
                continue;
            }
            names++;
            assertThat(name).startsWith("/").doesNotContain("//", "\0", "\\");
            for (String segment : name.substring(1).split("/", -1)) {
                assertThat(segment).isNotIn(".", "..");
                assertThat(segment.startsWith(".") && !name.startsWith("/.well-known/"))
                        .as(path.toString())
                        .isFalse();
            }
            Path file = root.resolve(name.substring(1));
            assertThat(file.normalize()).as(path.toString()).isEqualTo(file).startsWithRaw(root);
        }
        assertThat(names).isGreaterThan(50_000);
    }
}
