package sluice.proxy.nginx;

/** Which server block is meant cannot be told. The message lists those that could be. */
public final class NoSingleSite extends Exception {
    NoSingleSite(String message) {
        super(message);
    }
}
