package sluice.control.check;

/**
 * What a check found.
 *
 * @param verdict how bad it is
 * @param text what was seen, where
 * @param remedy what to do about it; empty when there is nothing to do
 */
public record Finding(Verdict verdict, String text, String remedy) {
    /** "Nothing to do" and "not looked at" are different: what cannot be told blocks. */
    public enum Verdict {
        OK,
        WARNING,
        BLOCKER,
        COULD_NOT_TELL
    }

    public static Finding ok(String text) {
        return new Finding(Verdict.OK, text, "");
    }

    public static Finding warning(String text, String remedy) {
        return new Finding(Verdict.WARNING, text, remedy);
    }

    public static Finding blocker(String text, String remedy) {
        return new Finding(Verdict.BLOCKER, text, remedy);
    }

    public static Finding couldNotTell(String text, String remedy) {
        return new Finding(Verdict.COULD_NOT_TELL, text, remedy);
    }

    /** Whether a run must not start. */
    public boolean blocks() {
        return verdict == Verdict.BLOCKER || verdict == Verdict.COULD_NOT_TELL;
    }
}
