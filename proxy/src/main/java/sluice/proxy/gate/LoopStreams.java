package sluice.proxy.gate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.proxy.route.Side;

/** The open streams of one loop. Confined to it. */
final class LoopStreams {
    /** An open stream. */
    private static final class Open {
        final Side side;
        /** Whether a preview names its side: then it belongs there as long as that lasts. */
        boolean previewed;
        /** Whether it is one of those that are being closed. */
        boolean former;

        Open(Side side, boolean previewed) {
            this.side = side;
            this.previewed = previewed;
        }

        boolean isLeftBehind(Side active) {
            return side != active && !previewed;
        }
    }

    private final LoopCounts counts;
    private final Map<Stream, Open> streams = new LinkedHashMap<>();
    /** What {@link #closeFormer} has to close, in its order. */
    private List<Stream> closing = List.of();

    LoopStreams(LoopCounts counts) {
        this.counts = counts;
    }

    void opened(Stream stream, Side side, boolean ofPreview) {
        Open before = streams.put(stream, new Open(side, ofPreview));
        assert before == null : "a stream is opened once";
        counts.streams[side.ordinal()]++;
    }

    void closed(Stream stream) {
        Open open = streams.remove(stream);
        if (open != null) {
            counts.streams[open.side.ordinal()]--;
            if (open.former) {
                counts.closingLeft--;
            }
        }
    }

    /** The preview that there was is over, or another one began: its streams are as the others. */
    void endPreview() {
        streams.values().forEach(open -> open.previewed = false);
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
        if (turn == 0) {
            counts.closingLeft = 0;
            counts.closingTotal = 0;
            streams.values().forEach(open -> open.former = false);
        }
        if (turn == 0 || last) {
            closing = former(active);
        }
        int from = last ? 0 : share(turn, turns);
        for (Stream stream : closing.subList(from, share(turn + 1, turns))) {
            Open open = streams.get(stream);
            if (open != null && open.isLeftBehind(active)) {
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

    /** What is to be closed, counted as such from now on. */
    private List<Stream> former(Side active) {
        List<Stream> former = new ArrayList<>();
        streams.forEach((stream, open) -> {
            if (open.isLeftBehind(active)) {
                former.add(stream);
                if (!open.former) {
                    open.former = true;
                    counts.closingLeft++;
                    counts.closingTotal++;
                }
            }
        });
        return former;
    }
}
