package sluice.control.check;

import java.io.IOException;
import java.util.List;
import sluice.control.postgres.Lsn;

/** The standby is not so far behind that catching up would take the hold's time. */
final class StandbyLag implements Check {
    @Override
    public String id() {
        return "standby-lag";
    }

    @Override
    public String title() {
        return "replication lag";
    }

    @Override
    public List<Finding> look(Sides sides) throws IOException {
        // The primary is asked first: the other way round a busy primary would always look ahead.
        Lsn flushed = sides.from().postgres().flushed();
        Lsn replayed = sides.to().postgres().replayed();
        long behind = replayed.isAfter(flushed) ? 0 : flushed.value() - replayed.value();
        long most = sides.limits().maxLag();
        String seen =
                sides.to().postgres().name() + " is " + behind + " bytes behind (" + replayed + " of " + flushed + ")";
        return List.of(
                behind > most
                        ? Finding.blocker(
                                seen + ", more than max_lag (" + most + ")",
                                "wait until it has caught up, or raise max_lag under [move]")
                        : Finding.ok(seen));
    }
}
