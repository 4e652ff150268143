package sluice.control.check;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import sluice.control.postgres.PostgresServer.Identity;

/** Both servers are copies of one database: same system identifier, timeline and major version. */
final class PostgresKinship implements Check {
    @Override
    public String id() {
        return "postgres-kinship";
    }

    @Override
    public String title() {
        return "Postgres kinship";
    }

    @Override
    public List<Finding> look(Sides sides) throws IOException {
        Identity from = sides.from().postgres().identity();
        Identity to = sides.to().postgres().identity();
        List<Finding> findings = new ArrayList<>();
        if (!from.systemIdentifier().equals(to.systemIdentifier())) {
            findings.add(Finding.blocker(
                    "the two are different databases: system identifier " + from.systemIdentifier() + " on "
                            + sides.from().name() + ", " + to.systemIdentifier() + " on "
                            + sides.to().name(),
                    "make " + sides.to().name() + " anew from a base backup of "
                            + sides.from().name()));
        }
        if (from.timeline() != to.timeline()) {
            findings.add(Finding.blocker(
                    "different timelines: " + from.timeline() + " on "
                            + sides.from().name() + ", " + to.timeline() + " on "
                            + sides.to().name(),
                    "let the standby catch up to the primary's timeline, or make it anew from a base backup"));
        }
        int fromMajor = from.serverVersion() / 10_000;
        int toMajor = to.serverVersion() / 10_000;
        if (fromMajor != toMajor) {
            findings.add(Finding.blocker(
                    "different major versions: " + fromMajor + " and " + toMajor,
                    "install Postgres " + fromMajor + " on " + sides.to().name()));
        } else if (to.serverVersion() < from.serverVersion()) {
            findings.add(Finding.warning(
                    sides.to().name() + " has an older minor version (" + to.serverVersion() + " after "
                            + from.serverVersion() + ")",
                    "bring it up to date when convenient"));
        }
        return findings.isEmpty()
                ? List.of(Finding.ok("same system, timeline " + from.timeline() + ", version " + fromMajor))
                : findings;
    }
}
