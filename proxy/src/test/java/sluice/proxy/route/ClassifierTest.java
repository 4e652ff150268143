package sluice.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.proxy.config.ProxyConfig.Preset;

class ClassifierTest {
    @ParameterizedTest
    @CsvSource({
        "GET,/,READ,WEB",
        "HEAD,/about,READ,WEB",
        "OPTIONS,/api/v1/statuses,READ,WEB",
        "POST,/api/v1/statuses,WRITE,WEB",
        "DELETE,/api/v1/statuses/1,WRITE,WEB",
        "PUT,/inbox,WRITE,WEB",
        "get,/,WRITE,WEB",
        "POST,/inbox,INBOX,WEB",
        "POST,/inbox?x=/y,INBOX,WEB",
        "GET,/inbox,READ,WEB",
        "POST,/users/alice/inbox,INBOX,WEB",
        "POST,/ap/users/123/inbox,INBOX,WEB",
        "POST,/actor/inbox,INBOX,WEB",
        "POST,/users//inbox,WRITE,WEB",
        "POST,/users/inbox,WRITE,WEB",
        "POST,/users/a/b/inbox,WRITE,WEB",
        "POST,/users/alice/inbox/,WRITE,WEB",
        "POST,/inboxes,WRITE,WEB",
        "POST,/api/v1/media,MEDIA,WEB",
        "POST,/api/v2/media,MEDIA,WEB",
        "POST,/api/v3/media,WRITE,WEB",
        "PUT,/api/v1/media/1,WRITE,WEB",
        "GET,/api/v1/streaming,STREAM,STREAMING",
        "GET,/api/v1/streaming?stream=user,STREAM,STREAMING",
        "GET,/api/v1/streaming/user,STREAM,STREAMING",
        "GET,/api/v1/streaming/health,READ,STREAMING",
        "GET,/api/v1/streaminghealth,READ,WEB",
        "POST,/api/v1/streaming,WRITE,STREAMING",
    })
    void mastodon(String method, String path, RequestClass requestClass, Service service) {
        assertThat(classify(Preset.MASTODON, method, path, false, false)).isEqualTo(new Route(requestClass, service));
    }

    @ParameterizedTest
    @CsvSource({
        "GET,true,false,STREAM",
        "GET,false,true,STREAM",
        "POST,true,false,WRITE",
        "POST,false,true,WRITE",
    })
    void an_upgrade_or_an_event_stream_is_a_stream_only_when_the_method_is_safe(
            String method, boolean upgrade, boolean eventStream, RequestClass requestClass) {
        assertThat(classify(Preset.PLAIN, method, "/cable", upgrade, eventStream))
                .isEqualTo(new Route(requestClass, Service.WEB));
    }

    @ParameterizedTest
    @CsvSource({"POST,/inbox,WRITE", "GET,/api/v1/streaming,READ", "POST,/api/v1/media,WRITE"})
    void plain_knows_no_paths(String method, String path, RequestClass requestClass) {
        assertThat(classify(Preset.PLAIN, method, path, false, false)).isEqualTo(new Route(requestClass, Service.WEB));
    }

    private static Route classify(Preset preset, String method, String path, boolean upgrade, boolean eventStream) {
        byte[] head = ("xx" + method + " " + path + " HTTP/1.1").getBytes(StandardCharsets.US_ASCII);
        int pathStart = 2 + method.length() + 1;
        return new Classifier(preset)
                .classify(head, 2, 2 + method.length(), pathStart, pathStart + path.length(), upgrade, eventStream);
    }
}
