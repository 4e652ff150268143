package sluice.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.config.ProxyConfig.Preset;
import sluice.proxy.http.RequestHead;

/** Rules of a configuration. */
class OwnRulesTest {
    private static ProxyConfig.Rule rule(
            String requestClass,
            List<String> methods,
            @Nullable String path,
            @Nullable String header,
            @Nullable String query) {
        return new ProxyConfig.Rule("own", methods, path, header, query, requestClass, null);
    }

    private static Classifier with(ProxyConfig.Rule... rules) {
        return new Classifier(List.of(rules), Preset.MASTODON);
    }

    private static boolean own(Route route) {
        return route.rule().startsWith("own");
    }

    @Test
    void theFirstThatMatchesWinsAndTheOwnComeBeforeThePreset() {
        Classifier classifier = with(
                new ProxyConfig.Rule("first", List.of(), "/inbox", null, null, "media", null),
                new ProxyConfig.Rule("second", List.of(), "/inbox", null, null, "write", null),
                new ProxyConfig.Rule("third", List.of("GET"), "/oauth/authorize", null, null, "read", null));
        assertThat(Requests.classify(classifier, "POST", "/inbox"))
                .isEqualTo(new Route(RequestClass.MEDIA, Service.WEB, "first"));
        assertThat(Requests.classify(classifier, "GET", "/inbox"))
                .isEqualTo(new Route(RequestClass.WRITE, Service.WEB, "second"));
        assertThat(Requests.classify(classifier, "GET", "/oauth/authorize?client_id=x"))
                .isEqualTo(new Route(RequestClass.READ, Service.WEB, "third"));
    }

    @ParameterizedTest
    @CsvSource({
        "write,GET,true",
        "write,POST,true",
        "write,PURGE,true",
        "read,GET,true",
        "read,HEAD,true",
        "read,OPTIONS,true",
        "read,POST,false",
        "read,PURGE,false",
        "stream,GET,true",
        "stream,POST,false",
        "inbox,POST,true",
        "inbox,GET,false",
        "inbox,PUT,false",
        "media,POST,true",
        "media,GET,false",
    })
    void withoutMethodsTheClassDecides(String requestClass, String method, boolean matches) {
        Classifier classifier = with(rule(requestClass, List.of(), "/a", null, null));
        assertThat(own(Requests.classify(classifier, method, "/a"))).isEqualTo(matches);
    }

    @Test
    void aMethodThatIsNamedCountsAndGetStandsForHead() {
        Classifier classifier = with(
                rule("write", List.of("GET"), "/a", null, null), rule("read", List.of("PROPFIND"), "/a", null, null));
        assertThat(own(Requests.classify(classifier, "GET", "/a"))).isTrue();
        assertThat(own(Requests.classify(classifier, "HEAD", "/a"))).isTrue();
        assertThat(own(Requests.classify(classifier, "OPTIONS", "/a"))).isFalse();
        assertThat(own(Requests.classify(classifier, "POST", "/a"))).isFalse();
        assertThat(Requests.classify(classifier, "PROPFIND", "/a").requestClass())
                .isEqualTo(RequestClass.READ);
        assertThat(Requests.classify(classifier, "PROPPATCH", "/a").requestClass())
                .isEqualTo(RequestClass.WRITE);
    }

    /** Even when the configuration has not refused it. */
    @Test
    void aPostIsNeverAStream() {
        Classifier classifier = with(rule("stream", List.of("POST", "GET"), "/a", null, null));
        assertThat(Requests.classify(classifier, "POST", "/a").requestClass()).isEqualTo(RequestClass.WRITE);
        assertThat(Requests.classify(classifier, "GET", "/a").requestClass()).isEqualTo(RequestClass.STREAM);
    }

    @ParameterizedTest
    @CsvSource({
        "/a/*,/a/b,true",
        "/a/*,/a/b/c,true",
        "/a/*,/a,false",
        "/a/*,/a/,false",
        "/a/*,/ab/c,false",
        "/*,/a,true",
        "/*,/,false",
        "/,/,true",
        "/,/a,false",
        "/a/*/c,/a/b/c,true",
        "/a/*/c,/a/b/b/c,false",
        "/a/*/c,/a/c,false",
        "/*/c,/a/c,true",
        "/@*/inbox,/@b/inbox,true",
        "/@*/inbox,/b/inbox,false",
        "/v*.x/c,/v12.x/c,true",
        "/v*.x/c,/v12.y/c,false",
        "/*a*b/c,/xaybab/c,true",
        "/a,/a,true",
        "/a,/A,true",
        "/a,/a.json,true",
        "/a.b,/a.b,true",
        "/a,/ab,false",
        "/a/,/a,true",
        "/a/*/c,/a/b;x/c,true",
        "/a/*/c,/a/b/c;x/d,true",
    })
    void aPathMatchesWidelyWhereRequestsAreHeld(String pattern, String path, boolean matches) {
        Classifier classifier = with(rule("write", List.of(), pattern, null, null));
        assertThat(own(Requests.classify(classifier, "GET", path))).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({
        "/a,/a,true",
        "/a,/A,false",
        "/a,/a/,false",
        "/a,//a,false",
        "/a,/a.json,false",
        "/a,/a;x,false",
        "/a,/%61,false",
        "/a/,/a/,true",
        "/a/,/a,false",
        "/,/,true",
        "/,//,false",
        "/a/*,/a/b/c,true",
        "/a/*,/a/b.json,true",
        "/a/*,/a/b;c,false",
        "/a/*,/a/../b,false",
        "/a/*,/a/b/..,false",
        "/a/*,/a/%2e%2e/b,false",
        "/a/*,/a/b%2fc,false",
        "/a/*,/a//b,false",
        "/a/*,/a/%E7%8C%AB,true",
        "/a/*,/a/%252e,false",
        "/a/*,/a/b%5cc,false",
        "/a/*,/a/..b,true",
        "/a/*,/a/,false",
        "/a/*/c,/a/b/c,true",
        "/a/*/c,/a/../c,false",
    })
    void aPathMatchesNarrowlyWhereRequestsAreLetThrough(String pattern, String path, boolean matches) {
        Classifier classifier = with(rule("read", List.of("POST"), pattern, null, null));
        assertThat(Requests.classify(classifier, "POST", path).requestClass())
                .isEqualTo(matches ? RequestClass.READ : RequestClass.WRITE);
    }

    @ParameterizedTest
    @CsvSource({
        "dry=true,dry=true,true", "dry=true,x=1&dry=true,true", "dry=true,dry=false,false",
        "dry=true,dry=true&dry=false,false", "dry=true,dry=true&dry=true,false", "dry=true,dry=true;dry=false,false",
        "dry=true,dry=true&dry[]=false,false", "dry=true,dry=true;x,false", "dry=tr*,dry=trust,true",
        "dry,dry=1,true", "dry,dry=0,false", "dry,dry=1&dry=0,false",
    })
    void aParameterHasToBeCertainWhereRequestsAreLetThrough(String pattern, String query, boolean matches) {
        Classifier classifier = with(rule("read", List.of("POST"), "/a", null, pattern));
        assertThat(Requests.classify(classifier, "POST", "/a?" + query).requestClass())
                .isEqualTo(matches ? RequestClass.READ : RequestClass.WRITE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "write | x-job | X-Job: 1 | | true",
                "write | x-job | X-Job: | | true",
                "write | x-job | X-Jobs: 1 | | false",
                "write | X-Job: run | x-job: RUN | | true",
                "write | x-job: run | X-Job: runs | | false",
                "write | x-job:r*n* | X-Job: runs | | true",
                "write | x-job: run | X-Job: stop | X-Job: run | true",
                "read | x-job: run | X-Job: run | | true",
                "read | x-job: run | X-Job: stop | X-Job: run | false",
                "read | x-job: run | X-Job: run | X-Job: run | true",
            })
    void aHeaderCanBeACondition(String requestClass, String header, String first, String second, boolean matches) {
        Classifier classifier = with(rule(requestClass, List.of("GET"), "/oauth/authorize", header, null));
        Route route =
                Requests.classify(classifier, "GET", "/oauth/authorize", first, second == null ? "X-Other: 1" : second);
        assertThat(own(route)).isEqualTo(matches);
    }

    @Test
    void aRuleWithoutAPathIsForEveryPath() {
        Classifier classifier = with(rule("write", List.of("GET"), null, "x-job", null));
        assertThat(own(Requests.classify(classifier, "GET", "/anything?x", "X-Job: 1")))
                .isTrue();
        assertThat(own(Requests.classify(classifier, "GET", "/", "X-Job: 1"))).isTrue();
        assertThat(own(Requests.classify(classifier, "GET", "/"))).isFalse();
    }

    @Test
    void aRuleThatNamesNoServiceLeavesItToTheOthers() {
        Classifier classifier = with(rule("write", List.of("GET"), null, "x-job", null));
        assertThat(Requests.classify(classifier, "GET", "/api/v1/streaming/user", "X-Job: 1"))
                .isEqualTo(new Route(RequestClass.WRITE, Service.STREAMING, "own"));
        Classifier named = new Classifier(
                List.of(new ProxyConfig.Rule("own", List.of(), "/live/*", null, null, "stream", "streaming")),
                Preset.PLAIN);
        assertThat(Requests.classify(named, "GET", "/live/1"))
                .isEqualTo(new Route(RequestClass.STREAM, Service.STREAMING, "own"));
    }

    /** What the application does then, or what runs through the tunnel, is nothing that the rule could have meant. */
    @ParameterizedTest
    @ValueSource(strings = {"Upgrade: x", "X-HTTP-Method-Override: DELETE"})
    void aPostThatOnlyReadsStaysAWriteWhenItCouldTurnIntoAnother(String header) {
        Classifier classifier = with(rule("read", List.of("POST"), "/a", null, null));
        assertThat(Requests.classify(classifier, "POST", "/a").requestClass()).isEqualTo(RequestClass.READ);
        assertThat(Requests.classify(classifier, "POST", "/a", header, "Connection: upgrade"))
                .isEqualTo(new Route(RequestClass.WRITE, Service.WEB, "own, but the request could turn into another"));
    }

    /** The open path: a request costs no garbage, whatever its path and its rules. */
    @Test
    void classifyingAllocatesNothing() {
        Classifier classifier = with(
                rule("read", List.of("POST"), "/a/*", "accept: *json*", "dry"),
                rule("write", List.of(), null, "x-job: r*n*", null));
        List<RequestHead> heads = List.of(
                Requests.head("GET", "/"),
                Requests.head("GET", "/api/v2/search?q=x&resolve=%74rue;a"),
                Requests.head("GET", "//auth/%63onfirmation.json;x"),
                Requests.head("POST", "/users/alice/inbox"),
                Requests.head("POST", "/a/b?dry=1", "Accept: application/json"),
                Requests.head("GET", "/api/v1/streaming/user", "X-Job: running"),
                Requests.head("PURGE", "/a"));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int classes = 0;
        long least = Long.MAX_VALUE;
        // The first times load classes, and the compiler may step in at any time.
        for (int turn = 0; turn < 5; turn++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                for (int h = 0; h < heads.size(); h++) {
                    classes += Requests.classify(classifier, heads.get(h))
                            .requestClass()
                            .ordinal();
                }
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(classes).isPositive();
        assertThat(least).as("bytes for 70,000 requests").isLessThan(1000);
    }

    @Test
    void onlySafeMethodsThatAreNoWritesMayBeSentAgain() {
        assertThat(RequestClass.READ.mayBeSentAgain(true)).isTrue();
        assertThat(RequestClass.STREAM.mayBeSentAgain(true)).isTrue();
        assertThat(RequestClass.READ.mayBeSentAgain(false)).isFalse();
        for (RequestClass write : List.of(RequestClass.WRITE, RequestClass.INBOX, RequestClass.MEDIA)) {
            assertThat(write.mayBeSentAgain(true)).isFalse();
        }
    }
}
