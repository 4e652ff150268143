package sluice.proxy.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Looks into the files with certificates, so that what is wrong in them is reported along with all other mistakes. */
public interface CertificateCheck {
    /** What is wrong with the certificate and the key in this folder, file included, or null when they can be used. */
    @Nullable
    String mistakeInFolder(Path folder);

    /** What is wrong with this file of certificate authorities, file included, or null when it can be used. */
    @Nullable
    String mistakeInAuthorities(Path file);
}
