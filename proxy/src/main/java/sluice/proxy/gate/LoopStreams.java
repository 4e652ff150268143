package sluice.proxy.gate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import sluice.proxy.route.Side;

/** The open streams of one loop. Confined to it. */
final class LoopStreams {
    private final LoopCounts counts;
    private final Map<Stream, Side> streams = new LinkedHashMap<>();
    /** Those on the side that a preview names: they belong there as long as it lasts. */
    private final Set<Stream> previewed = new HashSet<>();
    /** What {@link #closeFormer} has to close, in its order. */
    private List<Stream> closing = List.of();

    LoopStreams(LoopCounts counts) {
        this.counts = counts;
    }

    void opened(Stream stream, Side side, boolean ofPreview) {
        Side before = streams.put(stream, side);
        assert before == null : "a stream is opened once";
        counts.streams[side.ordinal()]++;
        if (ofPreview) {
            previewed.add(stream);
        }
    }

    void closed(Stream stream) {
        previewed.remove(stream);
        Side side = streams.remove(stream);
        if (side != null) {
            counts.streams[side.ordinal()]--;
        }
    }

    /** There is no preview any more: its streams are as the others. */
    void endPreview() {
        previewed.clear();
    }

    /** Closes one if it is still open. */
    void close(Stream stream) {
        if (streams.containsKey(stream)) {
            stream.close();
        }
    }

    /**
     * Closes some of the streams on the upstream that is not active: in the first turn it is decided which there are, and each
     * turn closes its share; the last one closes whatever is left.
     *
     * @param turn from 0
     * @param turns how many there are
     */
    void closeFormer(Side active, int turn, int turns) {
        boolean last = turn == turns - 1;
        if (turn == 0 || last) {
            closing = former(active);
        }
        int from = last ? 0 : share(turn, turns);
        for (Stream stream : closing.subList(from, share(turn + 1, turns))) {
            if (streams.get(stream) != active && !previewed.contains(stream)) {
                close(stream);
            }
        }
        if (last) {
            closing = List.of();
        }
    }

    /** How many are closed before a turn; rounded up, so that a few do not wait for the last turn. */
    private int share(int turn, int turns) {
        return (int) (((long) closing.size() * turn + turns - 1) / turns);
    }

    private List<Stream> former(Side active) {
        List<Stream> former = new ArrayList<>();
        streams.forEach((stream, side) -> {
            if (side != active && !previewed.contains(stream)) {
                former.add(stream);
            }
        });
        return former;
    }
}
