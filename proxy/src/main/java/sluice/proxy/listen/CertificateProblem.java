package sluice.proxy.listen;

/** A certificate or a key that cannot be used. The message names the file, what is wrong with it and what to do. */
public final class CertificateProblem extends Exception {
    CertificateProblem(String message) {
        super(message);
    }

    CertificateProblem(String message, Throwable cause) {
        super(message, cause);
    }
}
