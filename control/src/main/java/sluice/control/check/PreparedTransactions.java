package sluice.control.check;

import java.io.IOException;
import java.util.List;

/** No prepared transactions: they would survive the move undecided, and nobody waits for them. */
final class PreparedTransactions implements Check {
    @Override
    public String id() {
        return "prepared-transactions";
    }

    @Override
    public String title() {
        return "prepared transactions";
    }

    @Override
    public List<Finding> look(Sides sides) throws IOException {
        int prepared = sides.from().postgres().preparedTransactions();
        return List.of(
                prepared == 0
                        ? Finding.ok("none")
                        : Finding.blocker(
                                prepared + " on " + sides.from().postgres().name(),
                                "commit or roll them back: SELECT * FROM pg_prepared_xacts"));
    }
}
