package sluice.control;

/** Entry point of {@code sluice}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {}
}
