package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Side;

/** A connection of the simulation, with the request that it has at the moment. */
final class SimRequest implements Passage.Owner {
    /** What the world is told. */
    interface Watcher {
        void admitted(SimRequest request);

        void shed(SimRequest request, ShedReason reason, int retryAfter);

        long nanos();
    }

    enum Where {
        IDLE,
        WAITING,
        IN_FLIGHT,
        STREAM
    }

    final int loop;
    final Passage passage = new Passage(this);
    final Stream stream = this::streamClosed;
    private final Watcher watcher;

    Where where = Where.IDLE;
    /** Asked only when the request comes to wait. */
    String client = "192.0.2.1";

    RequestClass requestClass = RequestClass.READ;
    Side side = Side.OLD;
    /** Whether it is one that a preview means, if there is one. */
    boolean chosen;

    boolean sent;
    long admittedNanos;
    int closed;
    ShedReason reason;
    int retryAfter;
    int grants;
    boolean wasGranted;
    /** How often it may still be let through: once when it asks, once more if it is safe and waits again after a failure. */
    int starts;

    SimRequest(int loop, Watcher watcher) {
        this.loop = loop;
        this.watcher = watcher;
    }

    @Override
    public void granted() {
        assertThat(where).as("granted while it waits").isEqualTo(Where.WAITING);
        grants++;
        admitted();
    }

    void admitted() {
        where = Where.IN_FLIGHT;
        sent = false;
        admittedNanos = watcher.nanos();
        side = passage.side();
        watcher.admitted(this);
    }

    @Override
    public void shed(ShedReason why, int retryAfterSeconds) {
        assertThat(retryAfterSeconds).isBetween(1, 60);
        where = Where.IDLE;
        reason = why;
        retryAfter = retryAfterSeconds;
        watcher.shed(this, why, retryAfterSeconds);
    }

    @Override
    public String clientAddress() {
        return Objects.requireNonNull(client, "asked although it does not wait");
    }

    /** The client as the world sees it: of the addresses that tests use, those in one network of 64 bits are one. */
    int clientNumber() {
        int network = client.indexOf("::");
        return (network < 0 ? client : client.substring(0, network))
                .replace(":ffff", "")
                .hashCode();
    }

    @Override
    public RequestInfo describe() {
        long age = TimeUnit.NANOSECONDS.toMillis(watcher.nanos() - admittedNanos);
        return new RequestInfo("?", "?", requestClass, requestClass.isWrite() ? "POST" : "GET", "/", null, age, 0);
    }

    private void streamClosed() {
        closed++;
    }
}
