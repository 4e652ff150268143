package sluice.proxy.gate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.MemoryDisk;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/**
 * Random interleavings of everything that can happen at the gate, with the invariants checked after every step. A script is a
 * list of numbers, each a decision, so that a failing one can be made shorter. More of them with
 * {@code -Djqwik.tries.default=100000}.
 */
class GatePropertyTest {
    /** Where the second slot of the state file begins. */
    private static final int SLOT = 4096;

    private static final RequestClass[] CLASSES = RequestClass.values();
    private static final ProxyConfig.Waits WAITS = new ProxyConfig.Waits(
            Duration.ofSeconds(8),
            Duration.ofSeconds(20),
            Duration.ofSeconds(25),
            Duration.ofSeconds(4),
            Duration.ofSeconds(12));
    /** Three clients: the last two addresses are of one. */
    private static final List<String> CLIENTS =
            List.of("192.0.2.1", "192.0.2.2", "2001:db8:0:1::1", "2001:db8:0:1:ffff::2");

    @Provide
    Arbitrary<List<Integer>> scripts() {
        return Arbitraries.integers()
                .between(0, 1 << 20)
                .withDistribution(RandomDistribution.uniform())
                .withoutEdgeCases()
                .list()
                .ofMaxSize(400)
                .withSizeDistribution(RandomDistribution.uniform());
    }

    @Property
    void the_invariants_hold_whatever_happens(@ForAll("scripts") List<Integer> script) {
        World world = new World(2, 4, World.bounds(WAITS, 5, 1_000, 3, 2), new MemoryDisk(), 0);
        new Player(world, script).play();
        world.disk.fill(false);
        world.end();
    }

    private static final class Player {
        private final World world;
        private final List<Integer> script;
        private int next;

        Player(World world, List<Integer> script) {
            this.world = world;
            this.script = script;
        }

        void play() {
            while (next < script.size()) {
                step();
            }
        }

        private int choose(int bound) {
            return next < script.size() ? script.get(next++) % bound : 0;
        }

        private <T> T choose(List<T> all) {
            return all.get(choose(all.size()));
        }

        private void step() {
            switch (choose(26)) {
                case 0, 1, 2, 3 -> arrive();
                case 4, 5, 6, 7, 8 -> world.runLoop(choose(world.loops.size()));
                case 9, 10, 11, 12 -> world.runSwitchboard();
                case 13, 14, 15 -> endOne();
                case 16 -> oneOf(SimRequest.Where.WAITING, world::hangUp);
                case 17 ->
                    oneOf(SimRequest.Where.IN_FLIGHT, request -> {
                        if (!request.sent) {
                            world.send(request);
                        }
                    });
                case 18, 19, 20, 21 -> command();
                case 22 ->
                    world.thread.pass(Duration.ofMillis(1 + choose(3_000)).toNanos());
                case 23 -> {
                    world.settle();
                    oneOf(SimRequest.Where.STREAM, world::closeStream);
                }
                case 24 -> world.pass(Duration.ofMillis(choose(5) == 0 ? 61_000 : 1 + choose(10_000)));
                default -> trouble();
            }
        }

        private void arrive() {
            oneOf(SimRequest.Where.IDLE, request -> {
                request.client = choose(CLIENTS);
                request.chosen = choose(3) == 0;
                world.arrive(request, CLASSES[choose(CLASSES.length)], choose(12) == 0 ? 1_100 : 50L + choose(300));
            });
        }

        private void endOne() {
            oneOf(SimRequest.Where.IN_FLIGHT, request -> {
                boolean write = request.requestClass.isWrite();
                switch (choose(8)) {
                    case 0 -> {
                        if (write) {
                            world.breakOff(request);
                        } else {
                            world.fail(request);
                        }
                    }
                    case 1 -> {
                        if (request.requestClass == RequestClass.STREAM) {
                            world.openStream(request);
                        } else {
                            world.finish(request, 503);
                        }
                    }
                    case 2 -> world.finish(request, 0);
                    case 3 -> {
                        if (!write || !request.sent) {
                            world.hangUpInFlight(request);
                        } else {
                            world.finish(request, 200);
                        }
                    }
                    default -> world.finish(request, 200);
                }
            });
        }

        private void oneOf(SimRequest.Where where, java.util.function.Consumer<SimRequest> what) {
            List<SimRequest> all = world.where(where);
            if (!all.isEmpty()) {
                what.accept(choose(all));
            }
        }

        private void command() {
            Routing seen = world.routingOf(0);
            String id =
                    seen.hold() == null || choose(6) == 0 ? "h1" : seen.hold().id();
            Side to = Side.values()[choose(2)];
            Duration wait = Duration.ofMillis(choose(4) * 1_000L);
            switch (choose(12)) {
                case 0, 1, 2 ->
                    world.hold(World.hold(ttl(), Expiry.values()[choose(2)], Scope.values()[choose(2)], wait));
                case 3 -> world.flip(to, choose(3) == 0);
                case 4 -> world.release(choose(2) == 0 ? null : id, choose(2) == 0 ? null : to, wait);
                case 5 -> change(id);
                case 6 -> accept(id);
                case 7, 8 -> world.preview(World.previewOf(to));
                case 9 -> world.preview(null);
                case 10 -> world.rehearse(new RehearsalCommand(Duration.ofMillis(1 + choose(8_000)), choose(3) == 0));
                default -> world.ask();
            }
        }

        /** Mostly short, sometimes longer than an unknown write is remembered without a hold. */
        private Duration ttl() {
            return Duration.ofMillis(choose(4) == 0 ? 200_000 : 100 + choose(20_000));
        }

        private void change(String id) {
            Duration ttl = choose(2) == 0 ? null : ttl();
            Expiry expiry = choose(2) == 0 ? null : Expiry.values()[choose(2)];
            Scope scope = choose(2) == 0 ? null : Scope.values()[choose(2)];
            world.change(new ChangeCommand(id, ttl, expiry, scope, List.of()));
        }

        private void accept(String id) {
            List<String> ids = new ArrayList<>();
            CompletableFuture<List<RequestInfo>> all = world.gate.requests().toCompletableFuture();
            world.settle();
            all.join().stream()
                    .filter(request -> request.where().equals("unknown"))
                    .forEach(request -> ids.add(request.id()));
            if (!ids.isEmpty()) {
                world.accept(new ChangeCommand(id, choose(3) == 0 ? ttl() : null, null, null, ids));
            }
        }

        /** What comes when the process has been told to stop. */
        private void late() {
            for (int i = choose(4); i > 0; i--) {
                switch (choose(3)) {
                    case 0 -> command();
                    case 1 -> arrive();
                    default -> endOne();
                }
            }
        }

        private void trouble() {
            switch (choose(12)) {
                case 0 -> world.disk.fail(1 + choose(6));
                case 1 -> world.disk.failSyncs(1 + choose(9));
                case 2 -> {
                    if (choose(4) == 0) {
                        world.loseTheState();
                    }
                }
                case 3 -> {
                    world.stop(this::late);
                    world.crash(bound -> choose(bound + 1));
                }
                case 4, 5, 6 -> world.kill();
                case 7 -> world.disk.wearOut(choose(2) * SLOT, true);
                case 8 -> world.disk.fill(choose(2) == 0);
                default -> world.crash(bound -> choose(bound + 1));
            }
        }
    }
}
