package sluice.proxy.listen;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.CertificateCheck;

/** Tries the files of a configuration as the proxy would use them. */
public final class PemCheck implements CertificateCheck {
    @Override
    public @Nullable String mistakeInFolder(Path folder) {
        return mistake(() -> SiteCertificate.read(folder));
    }

    @Override
    public @Nullable String mistakeInAuthorities(Path file) {
        return mistake(() -> new PemFile(file).certificates());
    }

    private interface Reading {
        Object read() throws CertificateProblem;
    }

    private static @Nullable String mistake(Reading reading) {
        try {
            Object unused = reading.read();
            return null;
        } catch (CertificateProblem e) {
            return e.getMessage();
        }
    }
}
