package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Side;

/** A gate that has been told to stop stays so. */
class StopTest {
    private final World world = World.fresh();

    @Test
    void a_stop_is_final() {
        world.get(world.hold());
        CompletableFuture<GateState> draining = world.release();
        assertThat(world.gate.stop()).isNotNull();
        world.settle();
        assertThat(draining).isDone();
        for (Supplier<CompletableFuture<GateState>> command : List.<Supplier<CompletableFuture<GateState>>>of(
                world::hold,
                world::release,
                () -> world.flip(Side.NEW, false),
                () -> world.change(new ChangeCommand("h2", Duration.ofSeconds(9), null, null, List.of())),
                () -> world.preview(World.previewOf(Side.NEW)))) {
            GateException refused = world.refusal(command.get());
            assertThat(refused.kind()).isEqualTo(GateException.Kind.CONFLICT);
            assertThat(refused).hasMessageContaining("the proxy is stopping");
        }
        for (boolean real : new boolean[] {false, true}) {
            CompletableFuture<RehearsalReport> report =
                    world.rehearse(new RehearsalCommand(Duration.ofSeconds(1), real));
            world.settle();
            assertThat(report).isCompletedExceptionally();
        }
    }

    /** Whatever a transition that was under way still asks of the queue. */
    @Test
    void nothing_brings_a_stopped_queue_back() {
        ParkedQueue queue = world.gate.queue();
        queue.shut(ShedReason.STOPPING);
        for (Runnable asked : List.<Runnable>of(
                () -> queue.hold(0),
                queue::holdForSomeTime,
                () -> queue.shut(ShedReason.SHUT),
                () -> queue.release(true),
                () -> queue.goOn(queue.release(true)),
                queue::open)) {
            asked.run();
            Passage passage = new SimRequest(0, world).passage;
            Parked comes = new Parked(world.gate.loopGate(0), passage, RequestClass.WRITE, 1, 0, 0);
            assertThat(queue.park(comes)).isEqualTo(ShedReason.STOPPING);
        }
    }
}
