package sluice.control.check;

import java.io.IOException;
import java.util.List;

/** Looks at one thing, changes nothing. */
public interface Check {
    /** What is looked at, in a few words. */
    String title();

    /** Looks. What it throws counts as "could not tell". */
    List<Finding> look(Sides sides) throws IOException;
}
