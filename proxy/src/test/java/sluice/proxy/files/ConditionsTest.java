package sluice.proxy.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9110 section 13.2.2. The file is from 784111777, Sun, 06 Nov 1994 08:49:37 GMT. */
class ConditionsTest {
    private static final long CHANGED = 784_111_777;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // etag | If-Match | If-None-Match | If-Modified-Since | If-Unmodified-Since | status
                "\"a\"|-|-|-|-|200",
                "\"a\"|\"a\"|-|-|-|200",
                "\"a\"|\"b\", \"a\"|-|-|-|200",
                "\"a\"|*|-|-|-|200",
                "\"a\"|\"b\"|-|-|-|412",
                "\"a\"|W/\"a\"|-|-|-|412",
                "W/\"a\"|\"a\"|-|-|-|412",
                "W/\"a\"|*|-|-|-|200",
                "\"a\"|-|\"a\"|-|-|304",
                "\"a\"|-|W/\"a\"|-|-|304",
                "W/\"a\"|-|\"a\"|-|-|304",
                "\"a\"|-|*|-|-|304",
                "\"a\"|-|\"b\" , \"c\"|-|-|200",
                "\"a,b\"|-|\"a,b\"|-|-|304",
                "\"a\"|-|\"a,b\"|-|-|200",
                "\"a\"|-|a|-|-|200",
                "\"a\"|-|\"a|-|-|200",
                "\"a\"|-|-|Sun, 06 Nov 1994 08:49:37 GMT|-|304",
                "\"a\"|-|-|Sun, 06 Nov 1994 08:49:38 GMT|-|304",
                "\"a\"|-|-|Sun, 06 Nov 1994 08:49:36 GMT|-|200",
                "\"a\"|-|-|Sunday, 06-Nov-94 08:49:37 GMT|-|304",
                "\"a\"|-|-|Sun Nov  6 08:49:37 1994|-|304",
                "\"a\"|-|-|yesterday|-|200",
                // If-None-Match wins over If-Modified-Since, If-Match over If-Unmodified-Since.
                "\"a\"|-|\"b\"|Sun, 06 Nov 1994 08:49:37 GMT|-|200",
                "\"a\"|-|\"a\"|Sun, 06 Nov 1994 08:49:36 GMT|-|304",
                "\"a\"|\"a\"|-|-|Sun, 06 Nov 1994 08:49:36 GMT|200",
                "\"a\"|-|-|-|Sun, 06 Nov 1994 08:49:36 GMT|412",
                "\"a\"|-|-|-|Sun, 06 Nov 1994 08:49:37 GMT|200",
                "\"a\"|-|-|-|yesterday|200",
                "\"a\"|\"b\"|\"a\"|-|-|412",
                "\"a\"|-|\"a\"|-|Sun, 06 Nov 1994 08:49:36 GMT|412"
            })
    void areJudgedInOrder(
            String etag, String ifMatch, String ifNoneMatch, String modifiedSince, String unmodifiedSince, int status) {
        Ask ask = new Ask(false, true, true, null, ifMatch, ifNoneMatch, modifiedSince, unmodifiedSince, null, null);
        assertThat(Conditions.judge(ask, etag, CHANGED)).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-|true",
                "\"a\"|true",
                "\"b\"|false",
                "W/\"a\"|false",
                "Sun, 06 Nov 1994 08:49:37 GMT|true",
                "Sun, 06 Nov 1994 08:49:38 GMT|false",
                "yesterday|false"
            })
    void aRangeHoldsForTheVerySameFileOnly(String ifRange, boolean holds) {
        assertThat(Conditions.rangeHolds(ifRange, "\"a\"", CHANGED)).isEqualTo(holds);
    }

    @org.junit.jupiter.api.Test
    void aWeakTagHoldsForNoRange() {
        assertThat(Conditions.rangeHolds("W/\"a\"", "W/\"a\"", CHANGED)).isFalse();
    }
}
