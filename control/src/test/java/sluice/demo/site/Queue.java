package sluice.demo.site;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;

/**
 * The site's jobs in Redis. A plain connection for each worker, one attempt: a client that tries again by itself would
 * push a job twice.
 */
final class Queue implements AutoCloseable {
    /** Sidekiq's list for its default queue. */
    static final String LIST = "queue:default";

    /** The pub/sub channel that streaming listens to. */
    static final String CHANNEL = "timeline:public";

    private static final int CONNECT_MILLIS = 2_000;
    private static final int TIMEOUT_MILLIS = 5_000;

    private final HostAndPort address;
    private final BlockingDeque<Slot> idle = new LinkedBlockingDeque<>();
    private final List<Slot> all = new ArrayList<>();

    Queue(HostAndPort address, int connections) {
        this.address = address;
        for (int i = 0; i < connections; i++) {
            Slot slot = new Slot();
            Pipeline pipeline = slot.jedis().pipelined();
            pipeline.llen(LIST);
            pipeline.sync();
            all.add(slot);
            idle.add(slot);
        }
    }

    /** Pushes a job and tells the listeners; when this returns, Redis has said yes to both. */
    void push(String job, String event) throws InterruptedException {
        Slot slot = idle.takeFirst();
        try {
            Pipeline pipeline = slot.jedis().pipelined();
            Response<Long> pushed = pipeline.lpush(LIST, job);
            Response<Long> told = pipeline.publish(CHANNEL, event);
            pipeline.sync();
            // Each throws when Redis refused its command.
            pushed.get();
            told.get();
        } catch (RuntimeException e) {
            slot.drop();
            throw e;
        } finally {
            idle.addFirst(slot);
        }
    }

    /** Call when no request runs any more. */
    @Override
    public void close() {
        all.forEach(Slot::drop);
    }

    /** @param timeoutMillis for an answer; 0 waits for ever */
    static JedisClientConfig settings(int timeoutMillis) {
        return DefaultJedisClientConfig.builder()
                .connectionTimeoutMillis(CONNECT_MILLIS)
                .socketTimeoutMillis(timeoutMillis)
                .autoNegotiateProtocol(false)
                .build();
    }

    private final class Slot {
        private Jedis jedis;

        Jedis jedis() {
            if (jedis == null) {
                jedis = new Jedis(address, settings(TIMEOUT_MILLIS));
            }
            return jedis;
        }

        void drop() {
            if (jedis != null) {
                jedis.close();
                jedis = null;
            }
        }
    }
}
