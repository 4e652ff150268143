package sluice.control.check;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.control.postgres.PostgresServer.ReplicaView;
import sluice.control.postgres.PostgresServer.StandbyView;

/** The standby streams, as both servers see it, and replays what it gets at once. */
final class StandbyStreams implements Check {
    @Override
    public String id() {
        return "standby-streams";
    }

    @Override
    public String title() {
        return "replication";
    }

    @Override
    public List<Finding> look(Sides sides) throws IOException {
        Side to = sides.to();
        StandbyView standby = to.postgres().standby();
        @Nullable ReplicaView replica = sides.from().postgres().replica(to.applicationName());
        List<Finding> findings = new ArrayList<>();
        if (!standby.streaming()) {
            findings.add(Finding.blocker(
                    to.postgres().name() + " receives nothing",
                    "look at its log; primary_conninfo, pg_hba.conf and the slot are the usual causes"));
        }
        if (replica == null) {
            findings.add(Finding.blocker(
                    sides.from().postgres().name() + " sees no standby named " + to.applicationName(),
                    "give the standby application_name=" + to.applicationName() + " in primary_conninfo"));
        } else if (!replica.state().equals("streaming")) {
            findings.add(Finding.blocker(
                    "the standby is in state " + replica.state() + " on "
                            + sides.from().postgres().name(),
                    "wait until it streams"));
        }
        if (standby.replayPaused()) {
            findings.add(
                    Finding.blocker("replay is paused on " + to.postgres().name(), "SELECT pg_wal_replay_resume()"));
        }
        if (!standby.applyDelay().isZero()) {
            findings.add(Finding.blocker(
                    to.postgres().name() + " replays " + standby.applyDelay().toMillis() + " ms late on purpose",
                    "set recovery_min_apply_delay = 0 and reload"));
        }
        return findings.isEmpty() ? List.of(Finding.ok(to.postgres().name() + " streams and replays")) : findings;
    }
}
