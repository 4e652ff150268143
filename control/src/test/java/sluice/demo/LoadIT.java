package sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import sluice.demo.load.Acknowledged;
import sluice.demo.load.Load;
import sluice.demo.load.Sample;
import sluice.demo.load.Target;
import sluice.demo.site.Site;
import sluice.demo.verdict.Books;
import sluice.demo.verdict.Verdict;
import sluice.testbed.Await;
import sluice.testbed.PostgresPair;
import sluice.testbed.RedisPair;

/** The demo's own scales: load straight at a site, then things are broken on purpose and must be found. */
class LoadIT {
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final Load.Size SIZE = new Load.Size(4, 4, 4, Duration.ofMillis(10));

    private static PostgresPair postgres;
    private static RedisPair redis;
    private static String application;

    private Site site;
    private Load load;

    @BeforeAll
    static void startServers() {
        postgres = PostgresPair.start();
        redis = RedisPair.start();
        application = postgres.oldServer().jdbcUrl("mastodon");
    }

    @AfterAll
    static void endServers() {
        redis.close();
        postgres.close();
    }

    @BeforeEach
    void start() throws Exception {
        sql("drop table if exists statuses");
        Books.create(application);
        try (Jedis jedis = redis.oldServer().connect()) {
            jedis.flushAll();
        }
        site = Site.start(0, application, HostAndPort.from(redis.oldServer().address()));
        load = Load.start(at(site), SIZE);
        Await.until("100 writes, streams open", BOUND, () -> {
            Load.Progress now = load.progress();
            return now.acknowledged() >= 100 && now.openStreams() == SIZE.streams();
        });
    }

    @AfterEach
    void end() {
        load.close();
        site.close();
    }

    @Test
    void nothingIsFoundWhenNothingIsBroken() throws Exception {
        Load.Recorded recorded = load.stop();
        assertThat(recorded.failed()).isZero();
        assertThat(recorded.samples()).hasSizeGreaterThan(200);
        assertThat(recorded.streams()).allSatisfy(heard -> {
            assertThat(heard.opened()).isEqualTo(1);
            assertThat(heard.events()).isPositive();
        });
        assertThat(compare(recorded)).isEqualTo(new Verdict(List.of(), List.of()));
        assertThat(Books.rows(application)).hasSameSizeAs(recorded.acknowledged());
        assertThat(Books.writeGapMillis(application)).isNull();
    }

    @Test
    void aDeletedRowIsLostAndACopiedOneDoubled() throws Exception {
        Load.Recorded recorded = load.stop();
        Acknowledged one = recorded.acknowledged().get(50);
        Acknowledged other = recorded.acknowledged().get(60);
        sql("delete from statuses where id = " + one.id());
        sql("insert into statuses (token, text) select token, text from statuses where id = " + other.id());
        Verdict verdict = compare(recorded);
        assertThat(verdict.lost()).containsExactly("no row with id " + one.id() + " for " + one.token());
        assertThat(verdict.doubled()).containsExactly("2 rows of " + other.token());
    }

    @Test
    void aPoppedJobIsLostAndAJobPushedTwiceDoubled() throws Exception {
        Load.Recorded recorded = load.stop();
        try (Jedis jedis = redis.oldServer().connect()) {
            jedis.rpop("queue:default");
            jedis.lpush("queue:default", jedis.lindex("queue:default", 0));
        }
        Verdict verdict = compare(recorded);
        assertThat(verdict.lost()).singleElement().asString().startsWith("no job with id ");
        assertThat(verdict.doubled()).singleElement().asString().startsWith("2 jobs of ");
    }

    @Test
    void aSiteThatCannotWriteFailsRequestsAndLosesNothing() throws Exception {
        sql("revoke insert on statuses from mastodon");
        Await.until("requests fail", BOUND, () -> load.progress().failed() > 0);
        sql("grant insert on statuses to mastodon");
        long acknowledged = load.progress().acknowledged();
        Await.until("writes go on", BOUND, () -> load.progress().acknowledged() > acknowledged);
        Load.Recorded recorded = load.stop();
        assertThat(recorded.failed()).isPositive();
        assertThat(recorded.samples().stream().filter(sample -> sample.failed()))
                .allSatisfy(sample -> assertThat(sample.error()).contains("permission denied"));
        assertThat(compare(recorded)).isEqualTo(new Verdict(List.of(), List.of()));
    }

    @Test
    void brokenSessionsAreReplacedAndFailARequestEachAtMost() throws Exception {
        assertThat(postgres.oldServer()
                        .query("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                                + " where usename = 'mastodon'"))
                .isEqualTo("10");
        long acknowledged = load.progress().acknowledged();
        Await.until("writes go on", BOUND, () -> load.progress().acknowledged() > acknowledged + 100);
        Load.Recorded recorded = load.stop();
        // Those that were idle are found out before they are used; the others were in the middle of a request.
        assertThat(recorded.failed()).isLessThanOrEqualTo(10);
        assertThat(compare(recorded)).isEqualTo(new Verdict(List.of(), List.of()));
    }

    @Test
    void streamsThatAreCutOffFailAndComeBack() throws Exception {
        int port = site.port();
        site.close();
        Await.until("streams are gone", BOUND, () -> load.progress().openStreams() == 0);
        site = Site.start(port, application, HostAndPort.from(redis.oldServer().address()));
        Await.until("streams are back", BOUND, () -> load.progress().openStreams() == SIZE.streams());
        Load.Recorded recorded = load.stop();
        assertThat(recorded.streams())
                .allSatisfy(heard -> assertThat(heard.opened()).isEqualTo(2));
        assertThat(recorded.samples().stream().filter(sample -> sample.kind() == Sample.Kind.STREAM && sample.failed()))
                .hasSizeGreaterThanOrEqualTo(SIZE.streams());
    }

    @Test
    void sessionsOpenedOnAStandbyBecomeWritableByItsPromotion() throws Exception {
        // The other tests do without the standby.
        String standby = postgres.newServer().jdbcUrl("mastodon");
        try (Site other = Site.start(
                        0, standby, HostAndPort.from(redis.oldServer().address()));
                Load there = Load.start(at(other), SIZE)) {
            Await.until(
                    "it reads, and does not write",
                    BOUND,
                    () -> there.progress().failed() > 20);
            assertThat(there.progress().acknowledged()).isZero();
            Load.Recorded before = load.stop();
            postgres.newServer().query("select pg_promote(false)");
            Await.until("it writes", BOUND, () -> there.progress().acknowledged() > 100);
            Load.Recorded after = there.stop();
            assertThat(after.samples().stream()
                            .filter(Sample::failed)
                            .map(Sample::error)
                            .distinct())
                    .singleElement()
                    .asString()
                    .contains("cannot execute INSERT in a read-only transaction");
            assertThat(before.failed()).isZero();
            assertThat(Books.writeGapMillis(standby)).isPositive();
        }
    }

    @Test
    void theGapIsBetweenTheTwoTimelines() throws Exception {
        Load.Recorded recorded = load.stop();
        sql("insert into statuses (token, text, noted, timeline)"
                + " select 'late', 'x', max(noted) + interval '123.4 ms', '00000002' from statuses");
        assertThat(Books.writeGapMillis(application)).isEqualTo(123.4);
        assertThat(recorded.failed()).isZero();
    }

    private static Target at(Site site) {
        return Target.http(new InetSocketAddress(InetAddress.getLoopbackAddress(), site.port()), "site.example");
    }

    private Verdict compare(Load.Recorded recorded) throws Exception {
        try (Jedis jedis = redis.oldServer().connect()) {
            return Verdict.compare(recorded.acknowledged(), Books.rows(application), Books.jobs(jedis));
        }
    }

    private void sql(String statement) throws Exception {
        try (Connection connection =
                        DriverManager.getConnection(postgres.oldServer().jdbcUrl("postgres"));
                Statement running = connection.createStatement()) {
            running.execute(statement);
        }
    }
}
