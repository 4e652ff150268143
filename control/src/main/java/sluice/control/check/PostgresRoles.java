package sluice.control.check;

import java.io.IOException;
import java.util.List;
import sluice.control.postgres.PostgresServer.Status;

/** The side that has the site is a primary without a fence, the other a standby. */
final class PostgresRoles implements Check {
    @Override
    public String id() {
        return "postgres-roles";
    }

    @Override
    public String title() {
        return "Postgres roles";
    }

    @Override
    public List<Finding> look(Sides sides) throws IOException {
        return List.of(
                role(
                        sides.from(),
                        Status.PRIMARY,
                        "it must be the primary: is this move done already? From new to old it is `sluice move --back`"),
                role(
                        sides.to(),
                        Status.STANDBY,
                        "set it up as a standby of " + sides.from().name()),
                fence(sides.from()));
    }

    private static Finding role(Side side, Status wanted, String remedy) throws IOException {
        Status status = side.postgres().status();
        String seen = side.postgres().name() + " is " + words(status);
        if (status == wanted) {
            return Finding.ok(seen);
        }
        return status == Status.UNKNOWN
                ? Finding.couldNotTell(seen, "start it or make it reachable")
                : Finding.blocker(seen, remedy);
    }

    private static Finding fence(Side from) throws IOException {
        return from.postgres().fenced()
                ? Finding.blocker(
                        from.postgres().name() + " runs as a primary, but standby.signal is in its data folder",
                        "find out who put it there; a run that was cut off is undone with `sluice recover`")
                : Finding.ok(from.postgres().name() + " is not locked");
    }

    private static String words(Status status) {
        return switch (status) {
            case PRIMARY -> "a primary";
            case STANDBY -> "a standby";
            case STOPPED_PRIMARY -> "stopped (a primary)";
            case STOPPED_STANDBY -> "stopped (a standby)";
            case UNKNOWN -> "in an unknown state";
        };
    }
}
