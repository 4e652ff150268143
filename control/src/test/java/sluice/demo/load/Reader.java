package sluice.demo.load;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;

/** Reads the public timeline, again and again. */
final class Reader extends Requester {
    Reader(EventLoop loop, Target target, Records records, long pauseMicros, long seed) {
        super(Sample.Kind.READ, loop, target, records, pauseMicros, seed);
    }

    @Override
    FullHttpRequest nextRequest() {
        return request(HttpMethod.GET, "/api/v1/timelines/public", "");
    }

    @Override
    String check(String body) {
        return body.startsWith("[") && body.endsWith("]") ? null : "not a timeline: " + body;
    }
}
