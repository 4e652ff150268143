package sluice.demo.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;

/** Writes statuses, each with a token of its own, and remembers what was acknowledged. */
final class Writer extends Requester {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final Records records;
    private int written;
    private String token;

    Writer(String name, EventLoop loop, Target target, Records records, long pauseMicros, long seed) {
        super(Sample.Kind.WRITE, loop, target, records, pauseMicros, seed);
        this.name = name;
        this.records = records;
    }

    @Override
    FullHttpRequest nextRequest() {
        token = name + "-" + written++;
        String body = "{\"token\":\"" + token + "\",\"status\":\"Toot number " + written + " of " + name + "\"}";
        return request(HttpMethod.POST, "/api/v1/statuses", body);
    }

    @Override
    String check(String body) {
        try {
            JsonNode answer = JSON.readTree(body);
            if (!answer.path("token").asText().equals(token)) {
                return "the answer to another request than " + token + ": " + body;
            }
            records.acknowledge(
                    new Acknowledged(token, Long.parseLong(answer.path("id").asText())));
            return null;
        } catch (JsonProcessingException | NumberFormatException e) {
            return "not an acknowledgement: " + body;
        }
    }
}
