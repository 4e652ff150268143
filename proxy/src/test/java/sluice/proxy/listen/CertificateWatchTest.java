package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Folders as certbot has them, on real sockets, with an echo in the place of HTTP. */
class CertificateWatchTest {
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    private final Listeners listeners = TestListeners.of(loops);
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();

    @TempDir
    Path folder;

    private Path live;
    private Path archive;
    private KeyPair pair;
    private TlsServer tls;
    private CertificateWatch watch;
    private InetSocketAddress address;
    private int generation;

    @BeforeEach
    void start() throws Exception {
        live = Files.createDirectories(folder.resolve("live/a.example"));
        archive = Files.createDirectories(folder.resolve("archive/a.example"));
        pair = TestCertificates.ec();
        issue(pair, TestCertificates.certificate(pair, now, Duration.ofDays(10), "a.example", "b.example"));
        tls = TlsServer.of(List.of(SiteCertificate.read(live)), true);
        watch = new CertificateWatch(
                tls, List.of(live), List.of("a.example", "b.example"), InstantSource.fixed(now), thread);
        address = listeners.https(TestTls.loopback(0), tls, TestTls::echo);
        said.start();
        logger().addAppender(said);
        look();
        look();
    }

    @AfterEach
    void close() {
        logger().detachAppender(said);
        listeners.stopAccepting();
        listeners.closeConnections();
        thread.shutdownNow();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        tls.close();
    }

    @Test
    void aRenewedPairIsForNewConnectionsAndOpenOnesGoOn() throws Exception {
        X509Certificate first = TestTls.shown(address, "a.example");
        SSLContext context = TestTls.trusting();
        long session = TestTls.sessionMade(context, address, "a.example", "TLSv1.3");
        String[] resume12 = {"-tls1_2", "-sess_in", folder.resolve("session12").toString()};
        String first12 = OpensslClient.run(
                address, "-tls1_2", "-sess_out", folder.resolve("session12").toString());
        assertThat(OpensslClient.resumed(first12)).isFalse();
        assertThat(OpensslClient.resumed(OpensslClient.run(address, resume12))).isTrue();
        try (SSLSocket open = TestTls.client(TestTls.trusting(), address, "a.example", "TLSv1.3")) {
            assertThat(TestTls.echoes(open)).isTrue();
            KeyPair next = TestCertificates.ec();
            X509Certificate second =
                    TestCertificates.certificate(next, now, Duration.ofDays(90), "a.example", "b.example", "c.example");
            issue(next, second);
            look();
            assertThat(TestTls.shown(address, "a.example")).isEqualTo(first);
            look();

            assertThat(TestTls.shown(address, "a.example")).isEqualTo(second);
            assertThat(TestTls.echoes(open)).isTrue();
            assertThat(TestTls.sessionMade(context, address, "a.example", "TLSv1.3"))
                    .as("tickets stay good")
                    .isEqualTo(session);
            assertThat(OpensslClient.resumed(OpensslClient.run(address, resume12)))
                    .isTrue();
            tls.rotateTicketKeys();
            assertThat(TestTls.sessionMade(context, address, "a.example", "TLSv1.3"))
                    .as("and the next keys reach the new contexts")
                    .isEqualTo(session);
            assertThat(tls.certificates())
                    .extracting(SiteCertificate::expires)
                    .containsExactly(now.plus(Duration.ofDays(90)));
        }
        assertThat(said.list).singleElement().satisfies(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.INFO);
            assertThat(event.getFormattedMessage())
                    .contains(live.toString(), "a.example, b.example, c.example", "ends at");
        });
    }

    @Test
    void aChainThatIsThereBeforeItsKeyIsWaitedFor() throws Exception {
        KeyPair next = TestCertificates.ec();
        X509Certificate second = TestCertificates.certificate(next, now, Duration.ofDays(90), "a.example", "b.example");
        Path former = Files.readSymbolicLink(live.resolve("privkey.pem"));
        issue(next, second);
        Path later = Files.readSymbolicLink(live.resolve("privkey.pem"));
        link("privkey.pem", former);
        look();
        link("privkey.pem", later);
        look();
        assertThat(said.list).isEmpty();
        look();

        assertThat(TestTls.shown(address, "a.example")).isEqualTo(second);
        assertThat(said.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.INFO);
    }

    @Test
    void aKeyOfSomethingElseIsRefused() throws Exception {
        issue(
                TestCertificates.ec(),
                TestCertificates.certificate(pair, now, Duration.ofDays(90), "a.example", "b.example"));
        refused("privkey.pem is not the key of the first certificate");
    }

    @Test
    void anExpiredOneIsRefused() throws Exception {
        issue(
                pair,
                TestCertificates.certificate(
                        pair, now.minus(Duration.ofDays(9)), Duration.ofDays(8), "a.example", "b.example"));
        refused("fullchain.pem is valid from");
    }

    @Test
    void oneOfTheFutureIsRefused() throws Exception {
        issue(
                pair,
                TestCertificates.certificate(
                        pair, now.plusSeconds(3600), Duration.ofDays(8), "a.example", "b.example"));
        refused("fullchain.pem is valid from");
    }

    @Test
    void oneThatLacksADomainIsRefused() throws Exception {
        issue(pair, TestCertificates.certificate(pair, now, Duration.ofDays(90), "a.example"));
        refused("fullchain.pem is for a.example, no longer for b.example");
    }

    @Test
    void aChainInTheWrongOrderIsRefusedAndInTheRightOneTaken() throws Exception {
        KeyPair rootPair = TestCertificates.ec();
        X509Certificate root = TestCertificates.authority(rootPair, "CN=root", now);
        KeyPair middlePair = TestCertificates.ec();
        X509Certificate middle = TestCertificates.issued(middlePair, "CN=middle", root, rootPair, now);
        X509Certificate own =
                TestCertificates.issued(pair, "CN=own", middle, middlePair, now, "a.example", "b.example");
        issue(pair, own, root, middle);
        refused("certificate 1 (CN=own) is not issued by the one behind it (CN=root)");
        X509Certificate namesake = TestCertificates.issued(TestCertificates.ec(), "CN=middle", root, rootPair, now);
        issue(pair, own, namesake);
        refused("certificate 1 (CN=own) is not issued by the one behind it (CN=middle)");

        issue(pair, own, middle, root);
        look();
        look();
        assertThat(TestTls.shown(address, "a.example")).isEqualTo(own);
    }

    @Test
    void filesThatAreMissingOrNoPemAreRefused() throws Exception {
        Files.delete(live.resolve("fullchain.pem"));
        refused("fullchain.pem does not exist");
        Files.writeString(live.resolve("fullchain.pem"), "not a certificate");
        refused("fullchain.pem holds no certificate");
    }

    @Test
    void noHandshakeFailsWhileCertificatesChange() throws Exception {
        SiteCertificate one = tls.certificates().get(0);
        KeyPair next = TestCertificates.ec();
        SiteCertificate other = new SiteCertificate(
                live,
                List.of(TestCertificates.certificate(next, now, Duration.ofDays(1), "a.example")),
                next.getPrivate());
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger times = new AtomicInteger();
        Future<?> replacing = thread.submit(() -> {
            while (!over.get()) {
                tls.replace(List.of(times.getAndIncrement() % 2 == 0 ? other : one));
            }
            return null;
        });
        for (int i = 0; i < 50; i++) {
            try (SSLSocket client = TestTls.client(TestTls.trusting(), address, "a.example", "TLSv1.3")) {
                assertThat(TestTls.echoes(client)).isTrue();
            }
        }
        // Without the network, to be there at many more of the moments in which one set is let go for the next.
        for (int until = times.get() + 500; times.get() < until; ) {
            SslHandler handler = tls.newHandler("a.example", UnpooledByteBufAllocator.DEFAULT, Duration.ofSeconds(1));
            ReferenceCountUtil.release(handler.engine());
        }
        over.set(true);
        replacing.get(20, TimeUnit.SECONDS);
    }

    private void refused(String why) throws Exception {
        X509Certificate inUse = tls.certificates().get(0).chain().get(0);
        said.list.clear();
        look();
        look();
        assertThat(TestTls.shown(address, "a.example")).isEqualTo(inUse);
        look();
        assertThat(said.list).as("it is said once").singleElement().satisfies(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.WARN);
            assertThat(event.getFormattedMessage()).contains(live.toString(), why, "The certificate in use stays");
        });
    }

    private void look() throws Exception {
        thread.submit(watch::look).get(20, TimeUnit.SECONDS);
    }

    /** A new generation in archive/, and the links in live/ turned to it. */
    private void issue(KeyPair key, X509Certificate... chain) throws Exception {
        Path next = TestCertificates.folder(archive.resolve("" + ++generation), key.getPrivate(), chain);
        for (String name : List.of("fullchain.pem", "privkey.pem")) {
            link(name, live.relativize(next.resolve(name)));
        }
    }

    private void link(String name, Path target) throws Exception {
        Files.deleteIfExists(live.resolve(name));
        Files.createSymbolicLink(live.resolve(name), target);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(CertificateWatch.class);
    }
}
