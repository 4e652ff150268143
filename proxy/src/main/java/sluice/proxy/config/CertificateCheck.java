package sluice.proxy.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Looks at a folder of {@code certificates}, so that what is wrong in it is reported along with all other mistakes. */
@FunctionalInterface
public interface CertificateCheck {
    /** What is wrong with the certificate and the key in this folder, file included, or null when they can be used. */
    @Nullable
    String mistakeIn(Path folder);
}
