package sluice.control.check;

import java.io.IOException;
import java.util.List;

/** The side that is left can follow the other one: really tried, from its own host. */
final class ReversePath implements Check {
    @Override
    public String id() {
        return "reverse-path";
    }

    @Override
    public String title() {
        return "way back";
    }

    @Override
    public List<Finding> look(Sides sides) {
        Side from = sides.from();
        Side to = sides.to();
        try {
            from.postgres().tryReplication(from.following(to));
            return List.of(Finding.ok(
                    from.postgres().name() + " can follow " + to.postgres().name()));
        } catch (IOException refused) {
            return List.of(Finding.blocker(
                    from.postgres().name() + " cannot follow " + to.postgres().name() + ": " + refused.getMessage(),
                    "allow its replication role in pg_hba.conf of " + to.name()
                            + " and look at `replication` in the site file: without it there is no lossless way back"));
        }
    }
}
