package sluice.control.site;

import java.util.List;

/** The site file cannot be used: every mistake in it, one a line. */
public final class SiteException extends Exception {
    private final List<String> mistakes;

    public SiteException(List<String> mistakes) {
        super(String.join("\n", mistakes));
        this.mistakes = List.copyOf(mistakes);
    }

    /** Each names the file and the key, and says what would be right. */
    public List<String> mistakes() {
        return mistakes;
    }
}
