package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The admin contract over the unix socket, as curl would use it. */
final class AdminSocket {
    private final ObjectMapper mapper = new ObjectMapper();
    private final Path socket;

    AdminSocket(Path socket) {
        this.socket = socket;
    }

    /** An answer. */
    record Answer(int status, JsonNode body) {}

    Answer call(String method, String target) throws IOException {
        String text = exchange(method, target);
        int status = Integer.parseInt(text.substring(9, 12));
        return new Answer(status, mapper.readTree(text.substring(text.indexOf("\r\n\r\n") + 4)));
    }

    /** The text of an answer that is no JSON, with its head. */
    String text(String target) throws IOException {
        return exchange("GET", target);
    }

    private String exchange(String method, String target) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            String request = method + " " + target
                    + " HTTP/1.1\r\nHost: sluice\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            Channels.newInputStream(channel).transferTo(all);
            String text = all.toString(StandardCharsets.UTF_8);
            assertThat(text.indexOf("\r\n\r\n"))
                    .as("an answer to %s %s: %s", method, target, text)
                    .isPositive();
            return text;
        }
    }

    /** A call that has to succeed. */
    JsonNode done(String method, String target) throws IOException {
        Answer answer = call(method, target);
        assertThat(answer.status())
                .as("%s %s: %s", method, target, answer.body())
                .isBetween(200, 299);
        return answer.body();
    }

    JsonNode state() throws IOException {
        return done("GET", "/v1/state");
    }

    /** Asks until the state is so. */
    JsonNode awaitState(Predicate<JsonNode> wanted) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DistProxy.PATIENCE_SECONDS);
        JsonNode state = state();
        while (!wanted.test(state)) {
            assertThat(System.nanoTime()).as("the state is still %s", state).isLessThan(deadline);
            state = state();
        }
        return state;
    }
}
