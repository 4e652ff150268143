package sluice.proxy.config;

/** A value that a {@link Form} cannot take. {@code found} says what is wrong with it, {@code right} what to write. */
final class Mistake extends Exception {
    private final String found;
    private final String right;

    Mistake(String found, String right) {
        super(found + "; " + right, null, false, false);
        this.found = found;
        this.right = right;
    }

    String found() {
        return found;
    }

    String right() {
        return right;
    }
}
