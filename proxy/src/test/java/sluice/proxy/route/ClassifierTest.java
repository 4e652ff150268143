package sluice.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.proxy.config.ProxyConfig.Preset;

/** The presets. */
class ClassifierTest {
    private static final Classifier MASTODON = new Classifier(Preset.MASTODON);
    private static final Classifier PLAIN = new Classifier(Preset.PLAIN);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // By method
                "GET | / | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | //  | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /?a=b | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | https://example.social/about | READ | WEB | default: GET, HEAD or OPTIONS",
                "HEAD | /about | READ | WEB | default: GET, HEAD or OPTIONS",
                "OPTIONS | /api/v1/statuses | READ | WEB | default: GET, HEAD or OPTIONS",
                "OPTIONS | * | READ | WEB | default: GET, HEAD or OPTIONS",
                "POST | /api/v1/statuses | WRITE | WEB | default: any other method",
                "DELETE | /api/v1/statuses/1 | WRITE | WEB | default: any other method",
                "PUT | /inbox | WRITE | WEB | default: any other method",
                "PROPFIND | /inbox | WRITE | WEB | default: any other method",
                "get | / | WRITE | WEB | default: any other method",
                "GETS | / | WRITE | WEB | default: any other method",
                "POS | /inbox | WRITE | WEB | default: any other method",
                // Deliveries
                "POST | /inbox | INBOX | WEB | mastodon: shared inbox",
                "POST | /inbox?x=/y | INBOX | WEB | mastodon: shared inbox",
                "POST | https://example.social/inbox | INBOX | WEB | mastodon: shared inbox",
                "POST | /inbox/ | INBOX | WEB | mastodon: shared inbox",
                "POST | //inbox | INBOX | WEB | mastodon: shared inbox",
                "POST | /inbox.json | INBOX | WEB | mastodon: shared inbox",
                "GET | /inbox | READ | WEB | default: GET, HEAD or OPTIONS",
                "POST | /users/alice/inbox | INBOX | WEB | mastodon: inbox of one account",
                "POST | /users/alice.b/inbox | INBOX | WEB | mastodon: inbox of one account",
                "POST | /users/alice/inbox/ | INBOX | WEB | mastodon: inbox of one account",
                "POST | /ap/users/123/inbox | INBOX | WEB | mastodon: inbox of one account by its number",
                "POST | /actor/inbox | INBOX | WEB | mastodon: inbox of the instance",
                "POST | /users//inbox | WRITE | WEB | default: any other method",
                "POST | /users/inbox | WRITE | WEB | default: any other method",
                "POST | /users/a/b/inbox | WRITE | WEB | default: any other method",
                "POST | /inboxes | WRITE | WEB | default: any other method",
                "POST | /inbox/x | WRITE | WEB | default: any other method",
                // Uploads
                "POST | /api/v1/media | MEDIA | WEB | mastodon: upload",
                "POST | /api/v2/media | MEDIA | WEB | mastodon: upload",
                "POST | /api/v3/media | WRITE | WEB | default: any other method",
                "PUT | /api/v1/media/1 | WRITE | WEB | default: any other method",
                // Streaming
                "GET | /api/v1/streaming | STREAM | STREAMING | mastodon: stream",
                "GET | /api/v1/streaming/ | STREAM | STREAMING | mastodon: stream",
                "GET | /api/v1/streaming?stream=user | STREAM | STREAMING | mastodon: stream",
                "GET | /api/v1/streaming/user | STREAM | STREAMING | mastodon: stream",
                "GET | /api/v1/streaming/user/notification | STREAM | STREAMING | mastodon: stream",
                "OPTIONS | /api/v1/streaming/user | STREAM | STREAMING | mastodon: stream",
                "GET | /api/v1/streaming/health | READ | STREAMING | mastodon: health of the streaming service",
                "GET | /api/v1/streaming/health;x | STREAM | STREAMING | mastodon: stream",
                "GET | /api/v1/streaminghealth | READ | WEB | default: GET, HEAD or OPTIONS",
                "POST | /api/v1/streaming | WRITE | STREAMING | mastodon: streaming service",
                "POST | /api/v1/streaming/health | WRITE | STREAMING | mastodon: streaming service",
                // GETs that write
                "GET | /auth/confirmation?confirmation_token=x | WRITE | WEB | mastodon: link that confirms an address",
                "HEAD | /auth/confirmation?confirmation_token=x | WRITE | WEB | mastodon: link that confirms an address",
                "GET | /auth/confirmation/new | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /auth/sign_in | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /auth/auth/openid_connect/callback?code=x | WRITE | WEB | mastodon: return from single sign-on",
                "POST | /auth/auth/saml/callback | WRITE | WEB | default: any other method",
                "GET | /email_subscriptions/confirmation?t=x | WRITE | WEB | mastodon: link that confirms a subscription",
                "GET | /oauth/authorize?client_id=x | WRITE | WEB | mastodon: grant to an application",
                "GET | /oauth/authorize/native?code=x | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /oauth/userinfo | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /media_proxy/1/original | WRITE | WEB | mastodon: remote media that is fetched",
                "GET | /media_proxy/1 | WRITE | WEB | mastodon: remote media that is fetched",
                "GET | /media_proxy | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /authorize_interaction?uri=x | WRITE | WEB | mastodon: remote account or post that is fetched",
                "GET | /api/v2/search?q=a&resolve=true | WRITE | WEB | mastodon: search that fetches from other servers",
                "GET | /api/v2/search?q=a&resolve=false | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /api/v2/search?q=resolve=true | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /api/v2/search?q=a | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /api/v1/accounts/search?resolve=1&q=a | WRITE | WEB |"
                        + " mastodon: search for accounts that fetches from other servers",
                "GET | /api/v1/accounts/search?q=a | READ | WEB | default: GET, HEAD or OPTIONS",
                // GETs that write now and then
                "GET | /api/v1/polls/1 | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /api/v1/statuses/1/context | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /api/v1/timelines/home | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /auth/sessions/security_key_options | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /unsubscribe?token=x | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /tags/%E7%8C%AB | READ | WEB | default: GET, HEAD or OPTIONS",
                "GET | /@alice | READ | WEB | default: GET, HEAD or OPTIONS",
                // POSTs that only read
                "POST | /api/v1/statuses/1/translate | WRITE | WEB | default: any other method",
                "POST | /api/v1/admin/measures | WRITE | WEB | default: any other method",
                "POST | /oauth/userinfo | WRITE | WEB | default: any other method",
            })
    void mastodon(String method, String target, RequestClass requestClass, Service service, String rule) {
        assertThat(Requests.classify(MASTODON, method, target)).isEqualTo(new Route(requestClass, service, rule));
    }

    /** Each of these is the confirmation to Puma and Rails, or to some other server. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/auth/confirmation/",
                "//auth//confirmation//",
                "/auth/confirmation.json",
                "/auth/confirmation;a=b",
                "/auth/confirmation;/x",
                "/auth/confirmation;x.json?confirmation_token=a",
                "/auth;a/confirmation",
                "/;a/auth/confirmation",
                "/./auth/confirmation",
                "/auth/./confirmation/.",
                "/%61uth/%63onfirmatio%6E",
                "/%61uth/%63onfirmatio%6e.json",
                "/Auth/CONFIRMATION",
                "http://example.social//auth/confirmation/",
                "https://example.social/auth/confirmation;x"
            })
    void aGetThatWritesDoesNotSlipPastByAnotherSpelling(String target) {
        assertThat(Requests.classify(MASTODON, "GET", target).requestClass()).isEqualTo(RequestClass.WRITE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resolve=true",
                "resolve=1",
                "resolve=yes",
                "resolve=False",
                "q=x&resolve=true",
                "q=x;resolve=true",
                "resolve=false&resolve=true",
                "resolve=true&resolve=false",
                "resolve=false;x",
                "%72esolve=true",
                "resolv%65=%74rue",
                "resolve[]=true",
                "resolve%5B%5D=true",
                "resolve[]=false",
                "[resolve]=true",
                "resolve=%00",
                "&&resolve=t&",
                "a?resolve=x&resolve=t",
            })
    void aSearchThatFetchesDoesNotSlipPastByAnotherSpelling(String query) {
        assertThat(Requests.classify(MASTODON, "GET", "/api/v2/search?" + query).requestClass())
                .isEqualTo(RequestClass.WRITE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "resolve",
                "resolve=",
                "resolve=0",
                "resolve=f",
                "resolve=F",
                "resolve=FALSE",
                "resolve=off",
                "resolve=%66alse",
                "resolved=true",
                "unresolve=true",
                "q=resolve",
                "q=%26resolve=true"
            })
    void aSearchThatDoesNotFetchIsARead(String query) {
        assertThat(Requests.classify(MASTODON, "GET", "/api/v2/search?" + query).requestClass())
                .isEqualTo(RequestClass.READ);
    }

    /** Any mixture of what servers overlook. */
    @Test
    void noMixtureOfSpellingsSlipsPast() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<String> writes =
                List.of("auth/confirmation", "auth/auth/saml/callback", "media_proxy/7", "oauth/authorize");
        for (int i = 0; i < 20_000; i++) {
            String target = spell(writes.get(random.nextInt(writes.size())), random);
            assertThat(Requests.classify(MASTODON, "GET", target).requestClass())
                    .as("seed %d: %s", seed, target)
                    .isEqualTo(RequestClass.WRITE);
        }
    }

    private static String spell(String path, Random random) {
        StringBuilder out = new StringBuilder("/".repeat(1 + random.nextInt(3)));
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            switch (random.nextInt(12)) {
                case 0 -> out.append(c == '/' ? "//" : String.format("%%%02x", (int) c));
                case 1 -> out.append(c == '/' ? "/./" : String.format("%%%02X", (int) c));
                case 2 -> out.append(c == '/' ? ";a=b/" : String.valueOf(c).toUpperCase(Locale.ROOT));
                default -> out.append(c);
            }
        }
        return out
                + List.of("", "/", ".json", ";x", "//", "/;", "?a=b", ";a?b;c").get(random.nextInt(8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET | Upgrade: websocket | STREAM | default: asks for an upgrade",
                "GET | Accept: text/event-stream | STREAM | default: asks for an event stream",
                "POST | Upgrade: websocket | WRITE | default: any other method",
                "POST | Accept: text/event-stream | WRITE | default: any other method",
                "GET | Content-Length: 1 | WRITE | default: a safe method, but with a body",
                "GET | Transfer-Encoding: chunked | WRITE | default: a safe method, but with a body",
                "GET | Content-Length: 0 | READ | default: GET, HEAD or OPTIONS",
                // Nobody but a POST is turned into something else by these (Rack::MethodOverride).
                "GET | X-HTTP-Method-Override: DELETE | READ | default: GET, HEAD or OPTIONS",
                "POST | X-HTTP-Method-Override: GET | WRITE | default: any other method",
            })
    void withoutARuleMethodAndFieldsDecide(String method, String header, RequestClass requestClass, String rule) {
        assertThat(Requests.classify(PLAIN, method, "/cable?_method=GET", header, "Connection: upgrade"))
                .isEqualTo(new Route(requestClass, Service.WEB, rule));
    }

    /** Streams are not counted as writes, so this would be a way past the drain. */
    @ParameterizedTest
    @ValueSource(strings = {"Upgrade: websocket", "Accept: text/event-stream"})
    void aGetThatWritesIsNoStreamHoweverItAsks(String header) {
        assertThat(Requests.classify(MASTODON, "GET", "/auth/confirmation", header, "Connection: upgrade")
                        .requestClass())
                .isEqualTo(RequestClass.WRITE);
    }

    @Test
    void aTunnelThroughTheHealthOfStreamingIsAStream() {
        assertThat(Requests.classify(
                        MASTODON, "GET", "/api/v1/streaming/health", "Upgrade: websocket", "Connection: upgrade"))
                .isEqualTo(new Route(
                        RequestClass.STREAM,
                        Service.STREAMING,
                        "mastodon: health of the streaming service, but it asks for an upgrade"));
    }

    @ParameterizedTest
    @CsvSource({
        "POST,/inbox,WRITE",
        "GET,/api/v1/streaming,READ",
        "POST,/api/v1/media,WRITE",
        "GET,/oauth/authorize,READ"
    })
    void plainKnowsNoPaths(String method, String path, RequestClass requestClass) {
        Route route = Requests.classify(PLAIN, method, path);
        assertThat(route.requestClass()).isEqualTo(requestClass);
        assertThat(route.service()).isEqualTo(Service.WEB);
    }

    @Test
    void routesAreMadeOnce() {
        assertThat(Requests.classify(MASTODON, "POST", "/inbox"))
                .isSameAs(Requests.classify(MASTODON, "POST", "/inbox"));
        assertThat(Requests.classify(MASTODON, "GET", "/")).isSameAs(Requests.classify(PLAIN, "GET", "/"));
    }
}
