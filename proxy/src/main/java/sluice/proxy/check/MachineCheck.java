package sluice.proxy.check;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.listen.CertificateProblem;
import sluice.proxy.listen.SiteCertificate;

/** Everything that can be seen of a machine before a proxy is started on it. */
public final class MachineCheck {
    private static final Path PROC = Path.of("/proc");
    /** Let's Encrypt's are renewed 30 days before their end; who is later than this is not renewed by itself. */
    private static final Duration SOON = Duration.ofDays(14);

    private MachineCheck() {}

    /**
     * Looks at all of it; takes some seconds where something does not answer.
     *
     * @param user as whom the proxy will run, or null for whoever runs this
     * @return what was found; empty when all is well
     */
    public static List<Finding> run(ProxyConfig config, @Nullable ServiceUser user, Instant now) {
        List<Finding> findings = new ArrayList<>(certificates(config, now));
        findings.addAll(new Disk(config, user).look());
        findings.addAll(ports(config));
        findings.addAll(new Services(config).ask());
        return List.copyOf(findings);
    }

    /** That key and certificate fit together, the configuration knows already. */
    private static List<Finding> certificates(ProxyConfig config, Instant now) {
        List<Finding> findings = new ArrayList<>();
        List<SiteCertificate> all = new ArrayList<>();
        for (Path folder : config.tls().certificates()) {
            try {
                SiteCertificate certificate = SiteCertificate.read(folder);
                all.add(certificate);
                if (certificate.expires().isBefore(now)) {
                    findings.add(Finding.problem(
                            "certificates",
                            "the certificate in " + folder + " expired at " + certificate.expires() + ": renew it"));
                } else if (certificate.expires().isBefore(now.plus(SOON))) {
                    findings.add(Finding.warning(
                            "certificates",
                            "the certificate in " + folder + " expires at " + certificate.expires()
                                    + "; is it renewed by itself?"));
                }
            } catch (CertificateProblem e) {
                findings.add(Finding.problem("certificates", String.valueOf(e.getMessage())));
            }
        }
        for (String domain : config.domains()) {
            if (!all.isEmpty() && all.stream().noneMatch(certificate -> certificate.isFor(domain))) {
                findings.add(Finding.problem(
                        "domains", "no certificate is for " + domain + "; get one, or leave the name out"));
            }
        }
        return findings;
    }

    private static List<Finding> ports(ProxyConfig config) {
        List<Finding> findings = new ArrayList<>();
        try {
            Sockets sockets = new Sockets(PROC);
            look("listen.https", config.listen().https(), sockets, findings);
            look("listen.http", config.listen().http(), sockets, findings);
            look("listen.admin", config.listen().adminAddresses(), sockets, findings);
        } catch (IOException | RuntimeException e) {
            findings.add(Finding.warning("listen", "nobody can tell which ports are free: " + e));
        }
        return findings;
    }

    /** A port that is taken may be meant: before a takeover it is nginx's. */
    private static void look(String key, List<InetSocketAddress> addresses, Sockets sockets, List<Finding> findings) {
        for (InetSocketAddress address : addresses) {
            String holder = address.getPort() == 0 ? null : sockets.holder(address);
            if (!ours(address.getAddress())) {
                findings.add(Finding.problem(
                        key, address.getAddress().getHostAddress() + " is no address of this machine; see ip address"));
            } else if (holder != null) {
                findings.add(Finding.warning(key, holder + "; it has to let go before the proxy starts"));
            }
        }
    }

    private static boolean ours(InetAddress address) {
        try {
            return address.isAnyLocalAddress()
                    || address.isLoopbackAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return true;
        }
    }
}
