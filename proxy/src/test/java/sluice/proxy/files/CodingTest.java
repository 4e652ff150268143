package sluice.proxy.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodingTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-|0",
                "''|0",
                "gzip|1000",
                "GZIP|1000",
                "deflate, gzip;q=0.5|500",
                "gzip;q=0|0",
                "gzip;q=0.000|0",
                "gzip;q=0.001|1",
                "gzip;q=1.000|1000",
                "gzip;q=1.001|0",
                "gzip;q=x|0",
                "gzip; Q=0.8 , br|800",
                "x-gzip|0",
                "gzipped|0",
                "*|0",
                "identity;q=0|0"
            })
    void isWeighed(String accepted, int weight) {
        assertThat(Coding.GZIP.weight(accepted)).isEqualTo(weight);
    }
}
