package sluice.proxy.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RangesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-0|0-1",
                "bytes=0-99|0-100",
                "bytes=0-100|0-100",
                "bytes=0-|0-100",
                "bytes=99-|99-100",
                "bytes=-1|99-100",
                "bytes=-100|0-100",
                "bytes=-1000|0-100",
                "Bytes= 1 - 2 |1-3",
                "bytes=0-1,5-6|0-2 5-7",
                "bytes=0-1, 200-300|0-2",
                "bytes=100-|none",
                "bytes=-0|none",
                "bytes=5-2|none",
                "bytes=|whole",
                "bytes=a-b|none",
                "bytes=1|none",
                "bytes=1-2;|none",
                "bytes=0-1,|none",
                "bytes=9999999999999999999-|none",
                "bytes=0-99,0-0|whole",
                "lines=1-2|whole"
            })
    void areReadAsNginxDoes(String range, String expected) {
        assertThat(shown(Ranges.of(range, 100))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"bytes=0-|whole", "bytes=-1|whole", "bytes=1-|none"})
    void ofAnEmptyFile(String range, String expected) {
        assertThat(shown(Ranges.of(range, 0))).isEqualTo(expected);
    }

    @org.junit.jupiter.api.Test
    void tooManyGetTheWhole() {
        String many = "bytes="
                + java.util.stream.IntStream.range(0, 33)
                        .mapToObj(i -> i + "-" + i)
                        .collect(Collectors.joining(","));
        assertThat(Ranges.of(many, 100)).isNull();
    }

    private static String shown(List<Ranges.Part> parts) {
        if (parts == null) {
            return "whole";
        }
        return parts.isEmpty()
                ? "none"
                : parts.stream().map(p -> p.from() + "-" + p.to()).collect(Collectors.joining(" "));
    }
}
