package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Hold;
import sluice.proxy.route.MemoryDisk;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Preview;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;
import sluice.proxy.route.StateFile;

/** The invariants, checked against what the world has seen with its own eyes. */
final class Checks {
    private final World world;

    private final BookChecks books;
    /** How many writes became unknown since the process started. */
    private long unknownTotal;
    /** Unknown writes that nobody has accepted, and when they broke. */
    private final Map<String, Long> unknown = new LinkedHashMap<>();

    /** The newest state that was answered: acknowledged. */
    private Routing acknowledged;

    private final List<Command> commands = new ArrayList<>();
    /** Where a refused command may have flipped, with the number of the last command before the refusal. */
    private final Map<Side, Long> maybe = new LinkedHashMap<>();

    /** Previews that were asked for and may be on disk, or on a loop, without having been acknowledged. */
    private final List<Previewing> previews = new ArrayList<>();

    private long commandNumber;
    private int process;
    private AssertionError broken;

    /** A command and where it may flip. */
    private record Command(
            CompletableFuture<GateState> answer, @Nullable Side to) {
        boolean mayFlipTo(Side side) {
            return to == side && !answer.isDone();
        }
    }

    private record Previewing(
            CompletableFuture<GateState> answer, @Nullable Preview preview) {
        boolean wasDone() {
            return answer.isDone() && !answer.isCompletedExceptionally();
        }
    }

    /** What waits, in order of arrival. */
    private final List<Parked> line = new ArrayList<>();

    private long durableEpoch;
    /** How the last process ended, as far as it said so. */
    private End end = End.NONE;

    private boolean diskSaysWell;
    private boolean mayBeLost;

    private enum End {
        /** It said nothing. */
        NONE,
        /** It was idle and could not say so: the disk may know it or not. */
        UNHEARD,
        WELL
    }

    Checks(World world) {
        this.world = world;
        this.books = new BookChecks(world);
    }

    /** A process has started. */
    void started() {
        books.started();
        unknownTotal = 0;
        unknown.clear();
        line.clear();
        commands.clear();
        durableEpoch = 0;
        maybe.clear();
        Routing start = world.routingOf(0);
        boolean first = acknowledged == null;
        if (!first && !diskSaysWell && start.phase() != Phase.DRAINED) {
            unknown(InFlight.BEFORE_RESTART);
        }
        if (!first && isLost(start) && !isLost(acknowledged)) {
            assertThat(mayBeLost)
                    .as("6: no state is lost when the disk did what it was told")
                    .isTrue();
        }
        mayBeLost = false;
        if (acknowledged != null && !isLost(start)) {
            assertThat(start.epoch())
                    .as("6: what was acknowledged is there after a crash")
                    .isGreaterThanOrEqualTo(acknowledged.epoch());
            if (start.epoch() == acknowledged.epoch()) {
                Preview before = acknowledged.preview();
                assertThat(start.preview())
                        .as("6: preview")
                        .satisfiesAnyOf(
                                found -> assertThat(found).isEqualTo(before),
                                found -> assertThat(previews).anyMatch(one -> Objects.equals(one.preview(), found)));
                assertThat(start.active()).as("6: active").isEqualTo(acknowledged.active());
                if (acknowledged.phase() == Phase.DRAINED || acknowledged.phase() == Phase.HOLDING) {
                    assertThat(start.hold()).as("6: hold").isEqualTo(acknowledged.hold());
                    assertThat(start.arrivals()).as("6: arrivals").isEqualTo(acknowledged.arrivals());
                }
                if (acknowledged.phase() == Phase.DRAINED) {
                    assertThat(start.phase()).as("6: drained").isEqualTo(Phase.DRAINED);
                }
            }
        }
        previews.clear();
        acknowledged = start;
    }

    static boolean isLost(Routing routing) {
        Hold hold = routing.hold();
        return hold != null && hold.id().equals("state-file");
    }

    /** The disk has failed, or somebody has removed the file. */
    void mayBeLost(boolean may) {
        mayBeLost |= may;
    }

    /** The process was killed on a machine that goes on: it is exactly where it was, and nothing that was refused is there. */
    void cameBack(Routing before) {
        Routing expected =
                before.phase() == Phase.RELEASING ? before.at(before.epoch(), Phase.OPEN, Arrivals.PASS, null) : before;
        assertThat(world.routingOf(0)).as("6: as it was before a kill").isEqualTo(expected);
    }

    /** @param found what is on the disk now */
    void crashed(MemoryDisk found) {
        process++; // answers of a process that is gone never come
        StateFile file = new StateFile(found);
        file.open();
        diskSaysWell = file.endedWell();
        if (end != End.UNHEARD) {
            assertThat(diskSaysWell).as("2: how the last process ended").isEqualTo(end == End.WELL);
        }
        end = End.NONE;
    }

    /** The process says how it ends. */
    void ended(boolean well) {
        long now = world.thread.nanos();
        boolean idle = world.writesInFlight() == 0
                && unknown.values().stream().allMatch(broke -> now - broke > InFlight.REMEMBERED_NANOS);
        if (well) {
            assertThat(idle).as("2: nothing is in flight or unknown at the end").isTrue();
            end = End.WELL;
        } else {
            end = idle ? End.UNHEARD : End.NONE;
        }
    }

    CompletableFuture<GateState> command(CompletionStage<GateState> stage, @Nullable Side to) {
        int asked = process;
        long number = ++commandNumber;
        CompletableFuture<GateState> answer = stage.toCompletableFuture();
        commands.add(new Command(answer, to));
        CompletableFuture<GateState> unused = answer.whenComplete((state, failure) -> {
            if (asked != process) {
                return;
            }
            if (state == null && to != null) {
                // A release may have flipped before it was refused.
                maybe.put(to, commandNumber);
            }
            if (state != null) {
                try {
                    maybe.values().removeIf(failed -> failed < number);
                    answered(state);
                } catch (AssertionError e) {
                    broken = e; // thrown here it would be swallowed
                }
            }
        });
        return answer;
    }

    /** A preview is asked for; what comes of it may be there before the answer. */
    void previewing(CompletableFuture<GateState> answer, @Nullable Preview preview) {
        previews.removeIf(Previewing::wasDone);
        previews.add(new Previewing(answer, preview));
    }

    private boolean mayPreview(Side side) {
        Preview preview = acknowledged.preview();
        return (preview != null && preview.side() == side)
                || previews.stream()
                        .anyMatch(one -> !one.wasDone()
                                && one.preview() != null
                                && one.preview().side() == side);
    }

    void unknown(String id) {
        unknownTotal++;
        unknown.put(id, world.thread.nanos());
    }

    /** Forgets those; returns what was accepted, with when it broke. */
    Map<String, Long> accepted(List<String> ids) {
        Map<String, Long> accepted = new LinkedHashMap<>(unknown);
        accepted.keySet().retainAll(ids);
        unknown.keySet().removeAll(ids);
        return accepted;
    }

    /** What a command wanted to accept that is refused counts again. */
    void refusedAccept(CompletableFuture<GateState> answer, Map<String, Long> wanted) {
        int asked = process;
        CompletableFuture<GateState> unused = answer.whenComplete((state, failure) -> {
            if (failure != null && asked == process) {
                unknown.putAll(wanted);
            }
        });
    }

    private void answered(GateState state) {
        if (state.epoch() >= acknowledged.epoch()) {
            acknowledged = state.routing();
        }
        Routing durable = durable();
        assertThat(durable.epoch()).as("6: durable before acknowledged").isGreaterThanOrEqualTo(state.epoch());
        if (durable.epoch() == state.epoch()) {
            assertThat(durable.active())
                    .as("6: durable before acknowledged")
                    .isEqualTo(state.routing().active());
            if (previews.stream().allMatch(Previewing::wasDone)) {
                assertThat(durable.preview())
                        .as("6: durable before acknowledged")
                        .isEqualTo(state.routing().preview());
            }
            if (state.routing().phase() == Phase.DRAINED) {
                assertThat(durable.phase()).as("6: durable before acknowledged").isEqualTo(Phase.DRAINED);
            }
        }
        assertThat(state.staleWrites()).as("2: stale writes").isZero();
    }

    Routing durable() {
        StateFile file = new StateFile(world.disk.certain());
        assertThat(file.open()).as("6: the disk can be read").isEqualTo(StateFile.Opened.FOUND);
        return file.routing();
    }

    void asked(SimRequest request, Admission answer) {
        Routing routing = world.routingOf(request.loop);
        if (answer == Admission.PASS) {
            if (concerned(routing, request.requestClass)) {
                throw new AssertionError(
                        "let through although the hold concerns it: " + request.requestClass + " " + routing);
            }
            return;
        }
        books.parked++;
        assertThat(concerned(routing, request.requestClass) || request.passage.parkedAgain)
                .as("5: only what the hold concerns waits, or what failed")
                .isTrue();
        if (answer == Admission.PARKED && request.passage.parked != null) {
            line.add(request.passage.parked);
        }
        step();
    }

    private static boolean concerned(Routing routing, RequestClass requestClass) {
        if (routing.arrivals() == Arrivals.PASS) {
            return false;
        }
        Hold hold = routing.hold();
        return hold == null || hold.scope() == Scope.ALL || requestClass != RequestClass.READ;
    }

    void admitted(SimRequest request) {
        request.wasGranted = request.grants > 0;
        if (request.wasGranted) {
            books.granted++;
            request.grants = 0;
        }
        Side side = request.passage.side();
        Routing routing = world.routingOf(request.loop);
        Preview preview = routing.preview();
        boolean previewed = request.passage.preview != null;
        if (previewed) {
            assertThat(request.chosen).as("chosen by the preview").isTrue();
            assertThat(routing.phase()).as("off from hold to release").isEqualTo(Phase.OPEN);
        } else if (request.chosen && preview != null && routing.phase() == Phase.OPEN && !request.wasGranted) {
            throw new AssertionError("a request that the preview means went to the active side");
        }
        if (side != acknowledged.active()
                && !(previewed && mayPreview(side))
                && !maybe.containsKey(side)
                && commands.stream().noneMatch(command -> command.mayFlipTo(side))) {
            throw new AssertionError("1: admitted to " + side + " although " + acknowledged + " was acknowledged");
        }
        if (request.requestClass.isWrite() && routing.phase() == Phase.DRAINED) {
            throw new AssertionError("2: a write starts after drained");
        }
        assertThat(side)
                .as("1: one snapshot")
                .isEqualTo(previewed && preview != null ? preview.side() : routing.active());
    }

    void shed(SimRequest request, ShedReason reason) {
        books.shed++;
        if (reason == ShedReason.WAITED) {
            assertThat(request.passage.waitedNanos())
                    .as("waited as long as its class may")
                    .isGreaterThanOrEqualTo(wait(request.requestClass).toNanos());
        }
    }

    private Duration wait(RequestClass requestClass) {
        ProxyConfig.Waits waits = world.bounds.waits();
        return switch (requestClass) {
            case INBOX -> waits.inbox();
            case MEDIA -> waits.media();
            case WRITE -> waits.write();
            case READ -> waits.read();
            case STREAM -> waits.stream();
        };
    }

    void gone(SimRequest request) {
        // A refusal that is on its way has been counted as one: the client never sees it.
        Parked parked = request.passage.parked;
        if (parked != null && parked.stage == Parked.Stage.SHED) {
            books.shed++;
        } else {
            books.gone++;
        }
    }

    /** After every step. */
    void step() {
        if (broken != null) {
            throw broken;
        }
        inOrder();
        books.step();
        drained();
        for (int loop = 0; loop < world.loops.size(); loop++) {
            Routing routing = world.routingOf(loop);
            if (routing.preview() != null && routing.preview().side() == routing.active()) {
                throw new AssertionError("1: a flip ends the preview: " + routing);
            }
            long epoch = routing.epoch();
            if (epoch > durableEpoch) {
                durableEpoch = durable().epoch();
            }
            if (durableEpoch < epoch) {
                throw new AssertionError("6: disk before loops: " + durableEpoch + " on disk, " + routing);
            }
        }
    }

    /** When every loop has been told that the gate is drained it is. */
    private void drained() {
        for (int loop = 0; loop < world.loops.size(); loop++) {
            if (world.routingOf(loop).phase() != Phase.DRAINED) {
                return;
            }
        }
        assertThat(world.writesInFlight()).as("2: drained is true").isZero();
        Hold hold = world.routingOf(0).hold();
        if (hold == null || unknown.isEmpty()) {
            return;
        }
        // Without a hold an unknown write is forgotten after a minute; from its beginning on none is.
        Duration held =
                Duration.between(hold.since(), world.thread.time().wall().instant());
        long since = world.thread.nanos() - held.toNanos() + TimeUnit.MILLISECONDS.toNanos(1);
        assertThat(unknown.values())
                .as("2: no unknown write that was younger than a minute when the hold began")
                .allMatch(broke -> since - broke > InFlight.REMEMBERED_NANOS);
    }

    /** Whoever is granted has nobody before him, except that reads may be let go when a scope is narrowed. */
    private void inOrder() {
        boolean somebodyWaits = false;
        for (Parked one : line) {
            if (one.stage == Parked.Stage.WAITING) {
                somebodyWaits = true;
            } else if (somebodyWaits
                    && (one.stage == Parked.Stage.GRANTING || one.stage == Parked.Stage.RELEASED)
                    && one.release != 0) {
                throw new AssertionError("4: granted before somebody who came first");
            }
        }
        line.removeIf(one -> one.stage != Parked.Stage.WAITING);
    }

    /** Time has passed and everything ran: nobody waits longer than his class may. */
    void deadlines() {
        long now = world.thread.nanos();
        for (SimRequest request : world.where(SimRequest.Where.WAITING)) {
            Parked parked = request.passage.parked;
            assertThat(parked).as("whoever waits is in the queue").isNotNull();
            assertThat(now - parked.sinceNanos)
                    .as("7: every wait is bounded: %s", request.requestClass)
                    .isLessThan(wait(request.requestClass).toNanos());
        }
    }

    /** The streams are those that are open, each on its side. */
    void streams() {
        GateState state = world.state();
        for (Side side : Side.values()) {
            long open = world.where(SimRequest.Where.STREAM).stream()
                    .filter(one -> one.side == side)
                    .count();
            assertThat(state.sides().get(side).streams())
                    .as("streams on %s", side)
                    .isEqualTo((int) open);
        }
    }

    /** Everything has ended and time has passed. */
    void ended() {
        assertThat(world.gate.queue().snapshot().requests())
                .as("4: nobody waits")
                .isZero();
        assertThat(commands)
                .as("every command is answered")
                .allMatch(command -> command.answer().isDone());
        Waiting queue = world.gate.queue().snapshot();
        assertThat(queue.tally().shedTotal()).as("4: every refusal arrived").isEqualTo(books.shed);
        GateState state = world.state();
        assertThat(state.staleWrites()).as("2: stale writes").isZero();
        assertThat(state.unknownTotal()).as("unknown writes").isEqualTo(unknownTotal);
        assertThat(state.writesInFlight()).isZero();
    }
}
