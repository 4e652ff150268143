package sluice.demo.load;

import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A reader or a writer: one request after the other with a pause in between, until it is told to stop. Only on its event
 * loop.
 */
abstract class Requester {
    private final Sample.Kind kind;
    private final EventLoop loop;
    private final Client client;
    private final Target target;
    private final Records records;
    private final long pauseMicros;
    private final Random random;
    private Runnable whenStopped;

    Requester(Sample.Kind kind, EventLoop loop, Target target, Records records, long pauseMicros, long seed) {
        this.kind = kind;
        this.loop = loop;
        this.client = new Client(loop, target);
        this.target = target;
        this.records = records;
        this.pauseMicros = pauseMicros;
        this.random = new Random(seed);
    }

    abstract FullHttpRequest nextRequest();

    /** Looks at a 200's body; returns why it is not what was asked for, or null. */
    abstract String check(String body);

    final void start() {
        loop.schedule(this::next, random.nextLong(pauseMicros), TimeUnit.MICROSECONDS);
    }

    /** Lets a request that is on its way end, starts no other, then calls {@code then}. */
    final void stop(Runnable then) {
        whenStopped = then;
    }

    private void next() {
        if (whenStopped != null) {
            client.close();
            whenStopped.run();
            return;
        }
        long start = System.nanoTime();
        client.send(nextRequest(), answer -> {
            long nanos = System.nanoTime() - start;
            records.add(new Sample(kind, start, nanos, answer.status(), verdict(answer)));
            // Between half the pause and one and a half, so that clients do not march in step.
            long pause = pauseMicros / 2 + random.nextLong(pauseMicros);
            loop.schedule(this::next, pause, TimeUnit.MICROSECONDS);
        });
    }

    private String verdict(Client.Answer answer) {
        if (answer.error() != null) {
            return answer.error();
        }
        if (answer.status() != 200) {
            return "answered " + answer.status() + ": " + answer.body().strip();
        }
        return check(answer.body());
    }

    final FullHttpRequest request(HttpMethod method, String path, String body) {
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, method, path, Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
        request.headers().set(HttpHeaderNames.HOST, target.host());
        request.headers().set(HttpHeaderNames.USER_AGENT, "sluice-demo");
        if (!body.isEmpty()) {
            request.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
            HttpUtil.setContentLength(request, request.content().readableBytes());
        }
        return request;
    }
}
