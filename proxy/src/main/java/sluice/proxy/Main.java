package sluice.proxy;

/** Entry point of {@code sluice-proxy}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {}
}
