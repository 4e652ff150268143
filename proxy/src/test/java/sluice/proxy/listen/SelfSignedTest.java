package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfSignedTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    @TempDir
    Path state;

    @Test
    void makesOneForTheDomainsAndKeepsIt() throws Exception {
        SiteCertificate first = get(NOW, "a.example", "b.example");

        assertThat(first.names()).containsExactly("a.example", "b.example");
        assertThat(((ECPublicKey) first.chain().get(0).getPublicKey())
                        .getParams()
                        .getOrder()
                        .bitLength())
                .isEqualTo(256);
        assertThat(first.warnings(List.of("a.example"), NOW)).isEmpty();
        assertThat(get(NOW, "a.example", "b.example").chain()).isEqualTo(first.chain());
    }

    @Test
    void onlyItsOwnerReadsTheKey() throws Exception {
        get(NOW, "a.example");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder().resolve("privkey.pem"))))
                .isEqualTo("rw-------");
    }

    @Test
    void makesAnotherOneForOtherDomainsAndInTime() throws Exception {
        SiteCertificate first = get(NOW, "a.example");
        SiteCertificate second = get(NOW, "a.example", "c.example");
        assertThat(second.chain()).isNotEqualTo(first.chain());

        Instant late = second.expires().minus(Duration.ofDays(29));
        assertThat(get(late, "a.example").chain()).isNotEqualTo(second.chain());
    }

    @Test
    void saysWhereItCannotBeKept() throws Exception {
        Files.writeString(state.resolve("self-signed"), "in the way");

        assertThatThrownBy(() -> get(NOW, "a.example"))
                .isInstanceOf(CertificateProblem.class)
                .hasMessageContaining(folder().toString());
    }

    private SiteCertificate get(Instant now, String... domains) throws CertificateProblem {
        return new SelfSigned(folder(), List.of(domains), now).get();
    }

    private Path folder() {
        return state.resolve("self-signed");
    }
}
