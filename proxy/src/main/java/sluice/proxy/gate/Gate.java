package sluice.proxy.gate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Preview;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Side;
import sluice.proxy.route.StateFile;
import sluice.proxy.route.Switchboard;

/**
 * The gate: holds writes while the level on the other side changes, and lets them go.
 *
 * <pre>
 *                   hold                 no write in flight, none unknown
 *      ┌────────┐ ───────────► ┌─────────┐ ───────────► ┌─────────┐
 *      │  OPEN  │              │ HOLDING │              │ DRAINED │
 *      └────────┘              └─────────┘              └─────────┘
 *        ▲    ▲                  │  ▲  ▲ first request failed,│
 *        │    │ release, lease   │  │  │ or a new hold        │ release, lease
 *        │    │ ran out (open);  │  │ ┌┴──────────┐           │ ran out (open)
 *        │    │ nothing waits    │  └─┤ RELEASING │◄──────────┤
 *        │    └──────────────────┴───►│           │           │
 *        │      nothing waits any more└───────────┘           │
 *        ├────────────────────────────────┘                   │
 *        └─────────────────── nothing waits ──────────────────┘
 *
 *      flip: in any phase, changes the active upstream and nothing else
 *      lease ran out (shed): the phase stays, arrivals become SHED, what waits is shed; release is the way out
 * </pre>
 *
 * <p>Every transition: disk, then a barrier over the loops, then the answer. Commands may come from any thread and are done
 * one after another on the switchboard's thread; none of them waits for another one, and each answer waits at most as long as
 * it says. An answer is a state that every loop goes by.
 */
public final class Gate {
    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    private final Switchboard switchboard;
    private final Transitions transitions;
    private final Commands commands;
    private final Rehearsals rehearsals;
    private final LoopGates loops;
    private final Survey survey;

    /**
     * Opens the gate in the state in which it was left. When nobody can tell that any more it comes up shut: shedding everything
     * until somebody releases or flips.
     *
     * @param bounds how much may wait, and how long
     * @param first the active upstream of the very first start
     * @param thread one thread, the switchboard's alone
     * @param loops the event loops; none handles requests yet
     * @throws IOException there is no state to be kept: without it the proxy must not run
     */
    public static Gate open(
            ProxyConfig.Gate bounds,
            Side first,
            StateFile file,
            ScheduledExecutorService thread,
            Time time,
            List<? extends Loop> loops)
            throws IOException {
        Start start = Start.from(file, first, time);
        return new Gate(bounds, new Switchboard(file, thread, start.routing()), time, loops, start, Audit.kept());
    }

    /**
     * A gate that is tried and thrown away: open towards the old side, and nothing of what is done to it is written to the
     * log. The arguments are those of {@link #open}.
     */
    public static Gate onPaper(
            ProxyConfig.Gate bounds,
            StateFile file,
            ScheduledExecutorService thread,
            Time time,
            List<? extends Loop> loops)
            throws IOException {
        file.open();
        Start start = new Start(new Routing(1, Side.OLD, Phase.OPEN, Arrivals.PASS, null, null), "", true);
        file.create(start.routing());
        return new Gate(bounds, new Switchboard(file, thread, start.routing()), time, loops, start, Audit.none());
    }

    private Gate(
            ProxyConfig.Gate bounds,
            Switchboard switchboard,
            Time time,
            List<? extends Loop> loops,
            Start start,
            Audit audit) {
        this.switchboard = switchboard;
        this.transitions = new Transitions(bounds, switchboard, time, loops.size(), audit);
        this.commands = new Commands(transitions);
        List<LoopGate> all = new ArrayList<>();
        for (Loop loop : loops) {
            all.add(new LoopGate(
                    all.size(), loop, switchboard.routing(), transitions.queue(), transitions.inFlight(), time));
        }
        this.loops = new LoopGates(all, switchboard);
        this.survey = new Survey(switchboard, transitions, this.loops, start.trouble());
        this.rehearsals = new Rehearsals(bounds, transitions, commands, time, this.loops);
        switchboard.attach(this.loops.desks());
        transitions.begin(this.loops.all(), start.endedWell());
    }

    /**
     * The gate of one loop.
     *
     * @param loop its place in the list of loops
     */
    public LoopGate loopGate(int loop) {
        return loops.all().get(loop);
    }

    /**
     * Begins a hold. Answers when it is drained, or after the command's wait with whatever the state is then.
     *
     * @param epoch the epoch that the caller builds on, or null for any
     */
    public CompletionStage<GateState> hold(HoldCommand command, @Nullable Long epoch, Caller caller) {
        return change(epoch, () -> commands.hold(command, caller));
    }

    /** Renews or changes a hold. */
    public CompletionStage<GateState> change(ChangeCommand command, @Nullable Long epoch, Caller caller) {
        return change(epoch, () -> commands.change(command, caller));
    }

    /**
     * Makes a side the active one, in any phase. Once this answers, no request admitted afterwards goes to the other one.
     *
     * @param onlyDrained refuses unless the gate is drained
     */
    public CompletionStage<GateState> flip(Side to, boolean onlyDrained, @Nullable Long epoch, Caller caller) {
        return change(epoch, () -> commands.flip(to, onlyDrained, caller));
    }

    /**
     * Sends chosen requests to the side that is not active. They go there while the gate is open; a flip ends it.
     *
     * @param preview takes the place of the one that there is; null ends that
     */
    public CompletionStage<GateState> preview(@Nullable Preview preview, @Nullable Long epoch, Caller caller) {
        return change(epoch, () -> commands.preview(preview, caller));
    }

    /** Releases. Answers when the gate is open, or after the command's wait with whatever the state is then. */
    public CompletionStage<GateState> release(ReleaseCommand command, @Nullable Long epoch, Caller caller) {
        return change(epoch, () -> commands.release(command, caller));
    }

    /**
     * Rehearses a hold. Answers when it is over; a real one releases whether or not anybody waits for that.
     */
    public CompletionStage<RehearsalReport> rehearse(RehearsalCommand command, @Nullable Long epoch, Caller caller) {
        return switchboard.call(() -> {
            transitions.checkRunning();
            check(epoch);
            return rehearsals.rehearse(command, caller);
        });
    }

    /**
     * A change was asked for and refused before it came here, or by this gate: for the audit log. Any thread.
     *
     * @param what the call
     */
    public void refused(Caller caller, String what, String why) {
        try {
            switchboard.execute(() -> transitions.audit().refused(caller, what, why, switchboard.routing()));
        } catch (RejectedExecutionException e) {
            LOG.debug("The proxy has stopped", e);
        }
    }

    /**
     * Tells of every transition, in their order, each when every loop goes by it.
     *
     * @param watcher called on the switchboard's thread: must not block
     */
    public void watch(Consumer<Change> watcher) {
        transitions.audit().watch(watcher);
    }

    /** The state. */
    public CompletionStage<GateState> state() {
        return switchboard.call(survey::state);
    }

    /** What is in flight, waits, or is unknown, oldest first. */
    public CompletionStage<List<RequestInfo>> requests() {
        return switchboard.call(survey::requests);
    }

    /**
     * Requests are about to be let through: says so on disk, so that an end without {@link #end} is seen by the next start. To
     * be called before the first request. A start that fails before has left nothing behind.
     *
     * @return fails with an IOException when the disk does not take it: no request must be let through
     */
    public CompletionStage<Void> begin() {
        return switchboard.call(() -> {
            try {
                switchboard.begins();
                return CompletableFuture.completedFuture(null);
            } catch (IOException e) {
                return CompletableFuture.failedFuture(e);
            }
        });
    }

    /**
     * The process is about to end: what waits is shed, and so is what would wait, and every later command is refused. The
     * state on disk stays as it is, except that a rehearsal's hold is over: nobody will release it.
     *
     * @return completes when it is done
     */
    public CompletionStage<Void> stop() {
        return switchboard.call(() -> {
            transitions.stop();
            rehearsals.stop();
            transitions.account().stop(switchboard.routing());
            return CompletableFuture.completedFuture(null);
        });
    }

    /**
     * The last word of a process that stops: no request is let through any more. Says on disk that nothing is left in flight,
     * if that is so; else the next start counts an unknown write.
     *
     * @return whether no write is in flight and none is unknown, and the disk has it
     */
    public CompletionStage<Boolean> end() {
        return switchboard.call(() -> survey.state().thenApply(state -> {
            if (state.writesInFlight() > 0 || state.unknown() > 0) {
                LOG.warn(
                        "The proxy stops with {} writes in flight and {} unknown: the next start counts one unknown write",
                        state.writesInFlight(),
                        state.unknown());
                return false;
            }
            try {
                switchboard.endsWell();
                return true;
            } catch (IOException e) {
                LOG.error("Nobody will know that this process ended well: {}", e.toString());
                return false;
            }
        }));
    }

    /** What happened in the last hold that is over, for tests that look inside. */
    @Nullable
    HoldReport lastHold() {
        return transitions.account().last();
    }

    /** The last routing that was published, for tests that look inside. On the switchboard's thread. */
    Routing present() {
        return switchboard.routing();
    }

    /** The queue, for tests that look inside. */
    ParkedQueue queue() {
        return transitions.queue();
    }

    private CompletionStage<GateState> change(@Nullable Long epoch, Supplier<CompletableFuture<Void>> command) {
        return switchboard.call(() -> {
            transitions.checkRunning();
            check(epoch);
            return command.get().thenCompose(done -> survey.state());
        });
    }

    private void check(@Nullable Long epoch) {
        long present = switchboard.routing().epoch();
        if (epoch != null && epoch != present) {
            throw new GateException(
                    GateException.Kind.EPOCH, "the epoch is " + present + ", not " + epoch + "; nothing was done");
        }
    }
}
