package sluice.proxy.listen;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.config.ProxyConfig;

/**
 * Looks into the folders with certificates from time to time, and takes a pair that was renewed. It is checked before: what cannot
 * be used, or would serve less than the one in use, is refused with one warning. Contents are compared, so it does not matter how a
 * renewal puts them there (certbot turns the symbolic links in {@code live/} to new files, one after the other). Confined to the
 * executor it is given, which may block.
 */
public final class CertificateWatch {
    /** How often the folders are looked at. */
    static final Duration PERIOD = Duration.ofMinutes(1);
    /** A change is judged when it stays the same for so long: chain and key are written one after the other. */
    static final Duration SETTLE = Duration.ofSeconds(2);

    private static final Logger log = LoggerFactory.getLogger(CertificateWatch.class);

    private final TlsServer tls;
    private final List<Path> folders;
    private final List<String> domains;
    private final InstantSource clock;
    private final ScheduledExecutorService thread;
    /** What each folder held when it was looked at last, and what has been judged already. */
    private final Map<Path, String> seen = new HashMap<>();

    private final Map<Path, String> judged = new HashMap<>();

    /** @param thread one thread that may block; whoever gives it ends it */
    public CertificateWatch(TlsServer tls, ProxyConfig config, InstantSource clock, ScheduledExecutorService thread) {
        this(tls, config.tls().certificates(), config.domains(), clock, thread);
    }

    CertificateWatch(
            TlsServer tls,
            List<Path> folders,
            List<String> domains,
            InstantSource clock,
            ScheduledExecutorService thread) {
        this.tls = tls;
        this.folders = folders;
        this.domains = domains;
        this.clock = clock;
        this.thread = thread;
    }

    /** Looks now, and then once a minute. A certificate that the proxy made itself is not looked after. */
    public void start() {
        if (!folders.isEmpty()) {
            thread.scheduleWithFixedDelay(this::lookSafely, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Looks soon, whatever the time. For any thread. */
    public void lookNow() {
        thread.execute(this::lookSafely);
    }

    private void lookSafely() {
        try {
            look();
        } catch (RuntimeException e) {
            // Else there would be no look any more.
            log.error("looking for renewed certificates met a fault; the next look is in a minute", e);
        }
    }

    /** Takes what has changed and stayed the same since the look before. */
    void look() {
        boolean settling = false;
        for (Path folder : folders) {
            String now = fingerprint(folder);
            if (now.equals(judged.get(folder))) {
                seen.put(folder, now);
            } else if (now.equals(seen.put(folder, now))) {
                judged.put(folder, now);
                judge(folder);
            } else {
                settling = true;
            }
        }
        if (settling) {
            thread.schedule(this::lookSafely, SETTLE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void judge(Path folder) {
        List<SiteCertificate> inUse = tls.certificates();
        SiteCertificate former = inUse.stream()
                .filter(certificate -> certificate.source().equals(folder))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(folder + " was not read at the start"));
        try {
            SiteCertificate renewed = SiteCertificate.read(folder);
            if (renewed.equals(former)) {
                return;
            }
            List<SiteCertificate> all = new ArrayList<>(inUse);
            all.set(all.indexOf(former), renewed);
            check(renewed, inUse, all);
            tls.replace(all);
            log.info(
                    "the certificate in {} was renewed: new connections get it; it is for {} and ends at {}",
                    folder,
                    String.join(", ", renewed.names()),
                    renewed.expires());
        } catch (CertificateProblem e) {
            log.warn(
                    "what is new in {} is not taken: {}. The certificate in use stays; it ends at {}",
                    folder,
                    e.getMessage(),
                    former.expires());
        }
    }

    private void check(SiteCertificate renewed, List<SiteCertificate> inUse, List<SiteCertificate> all)
            throws CertificateProblem {
        String mistake = renewed.chainMistake();
        if (mistake != null) {
            throw new CertificateProblem(mistake);
        }
        Path file = renewed.source().resolve(SiteCertificate.CHAIN);
        if (!renewed.validAt(clock.instant())) {
            throw new CertificateProblem(file + " is valid from "
                    + renewed.chain().get(0).getNotBefore().toInstant() + " to " + renewed.expires() + ", not now");
        }
        Predicate<String> lost = domain -> inUse.stream().anyMatch(certificate -> certificate.isFor(domain))
                && all.stream().noneMatch(certificate -> certificate.isFor(domain));
        List<String> uncovered = domains.stream().filter(lost).toList();
        if (!uncovered.isEmpty()) {
            throw new CertificateProblem(file + " is for " + String.join(", ", renewed.names()) + ", no longer for "
                    + String.join(", ", uncovered));
        }
    }

    /** Another text for other contents; what cannot be read is a content too. */
    private static String fingerprint(Path folder) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String name : List.of(SiteCertificate.CHAIN, SiteCertificate.KEY)) {
                digest.update(Files.readAllBytes(folder.resolve(name)));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            return e.toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
