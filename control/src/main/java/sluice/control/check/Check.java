package sluice.control.check;

import java.io.IOException;
import java.util.List;

/** Looks at one thing, changes nothing. */
public interface Check {
    /** Its name for programs: small letters and hyphens; it stays the same in all versions. */
    String id();

    /** What is looked at, in a few words. */
    String title();

    /** Looks. What it throws counts as "could not tell". */
    List<Finding> look(Sides sides) throws IOException;
}
