package sluice.proxy.nginx;

/** The configuration cannot be read, or is not in nginx's language. The message begins with file and line. */
public final class NginxException extends Exception {
    NginxException(Place place, String what) {
        super(place + ": " + what);
    }

    NginxException(String file, String what) {
        super(file + ": " + what);
    }
}
