package sluice.demo.screen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.demo.load.Sample;

class PictureTest {
    private static final long MS = 1_000_000;

    /** Forty columns of 10 ms; the hold lies from 100 to 300 ms. */
    private static final Picture PICTURE = new Picture(0, 400 * MS, 100 * MS, 300 * MS, 40, 4);

    @Test
    void drawsTheLongestRequestOfEachSlice() {
        List<Sample> samples = new ArrayList<>();
        for (int at = 0; at < 400; at += 10) {
            samples.add(sample(Sample.Kind.READ, at, 1));
            long wait = at >= 100 && at < 300 ? 300 - at : 1;
            samples.add(sample(Sample.Kind.WRITE, at, wait));
            samples.add(sample(Sample.Kind.WRITE, at + 5, 1));
        }
        assertThat(PICTURE.draw(samples))
                .containsExactly(
                        "writes",
                        "  200 ms┤          █▆▅▃▂",
                        "        │          ██████▆▅▃▂",
                        "  100 ms┤          ███████████▆▅▃▂",
                        "        │▁▁▁▁▁▁▁▁▁▁████████████████▆▅▃▂▁▁▁▁▁▁▁▁▁▁",
                        "reads",
                        "  200 ms┤",
                        "        │",
                        "  100 ms┤",
                        "        │▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
                        "                   ╰─── hold 200 ms ───╯",
                        "         -0.1 s    +0.0 s    +0.1 s    +0.2 s    +0.3 s");
    }

    @Test
    void leavesSlicesWithoutRequestsEmptyAndIgnoresWhatLiesOutside() {
        List<String> lines = PICTURE.draw(List.of(
                sample(Sample.Kind.WRITE, 20, 40),
                sample(Sample.Kind.WRITE, -1, 900),
                sample(Sample.Kind.WRITE, 400, 900),
                sample(Sample.Kind.STREAM, 50, 900)));
        assertThat(lines.get(1)).isEqualTo("   40 ms┤  █");
        assertThat(lines.get(4)).isEqualTo("        │  █");
        assertThat(lines.get(9)).isEqualTo("        │");
    }

    @Test
    void aHoldThatIsTooShortForItsNameIsNamedBesideIt() {
        Picture narrow = new Picture(0, 400 * MS, 100 * MS, 120 * MS, 40, 2);
        assertThat(narrow.draw(List.of()).get(6)).isEqualTo("                   ╰─╯ hold 20 ms");
    }

    private static Sample sample(Sample.Kind kind, long startMillis, long millis) {
        return new Sample(kind, startMillis * MS, millis * MS, 200, null);
    }
}
