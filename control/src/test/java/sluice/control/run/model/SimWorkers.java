package sluice.control.run.model;

import java.io.IOException;
import java.util.List;
import sluice.control.run.model.World.Fate;
import sluice.control.sidekiq.Worker;
import sluice.control.sidekiq.Workers;

/** One side's Sidekiq, a single unit: it says every five seconds what it does, has a job in hand at first, and dies with none. */
final class SimWorkers implements Workers {
    private static final String UNIT = "sidekiq.service";
    private static final long BEAT = 5_000;

    private final World world;
    private final String side;
    private boolean running;
    private boolean quiet;
    private boolean barred;
    private long idleAt;

    SimWorkers(World world, String side, boolean running) {
        this.world = world;
        this.side = side;
        this.running = running;
    }

    /** Whether it takes jobs, now or after the next reboot. */
    boolean works() {
        return running && !quiet;
    }

    boolean mayRun() {
        return running || !barred;
    }

    boolean isRunning() {
        return running;
    }

    long mixInto(long key) {
        return World.mix(
                World.mix(key, SimPostgres.bits(running, quiet, barred, false)),
                quiet && running ? Math.max(0, idleAt - world.now) : 0);
    }

    @Override
    public String name() {
        return side + " Sidekiq";
    }

    @Override
    public List<String> units() {
        return List.of(UNIT);
    }

    @Override
    public List<String> missing() {
        return List.of();
    }

    @Override
    public List<String> running() throws IOException {
        look("running");
        return running ? List.of(UNIT) : List.of();
    }

    @Override
    public List<Worker> seen() throws IOException {
        look("seen");
        if (!running) {
            return List.of();
        }
        return List.of(new Worker(
                "host:1:a", 1, Long.toString(world.now / BEAT), quiet, quiet && world.now >= idleAt ? 0 : 1));
    }

    @Override
    public List<Worker> strangers() {
        return List.of();
    }

    @Override
    public void quiet() throws IOException {
        change("quiet", () -> {
            if (running && !quiet) {
                quiet = true;
                idleAt = world.now + 2 * BEAT;
            }
        });
    }

    @Override
    public void bar() throws IOException {
        change("bar", () -> {
            barred = true;
            running = false;
            quiet = false;
        });
    }

    @Override
    public boolean barred() throws IOException {
        look("barred");
        return barred && !running;
    }

    @Override
    public void start(List<String> units) throws IOException {
        change("start", () -> {
            barred = false;
            running = true;
            quiet = false;
        });
    }

    @Override
    public void close() {}

    private void look(String call) throws IOException {
        if (!world.look(side + " sidekiq." + call)) {
            throw new IOException(side + " Sidekiq: no answer");
        }
        world.observe(side + running + quiet + barred);
    }

    private void change(String call, Runnable effect) throws IOException {
        Fate fate = world.change(side + " sidekiq." + call);
        if (fate == Fate.FAILED) {
            throw new IOException(side + " Sidekiq: refused");
        }
        effect.run();
        world.invariants();
        if (fate == Fate.DONE_THEN_KILLED) {
            throw new Stopped.Crash();
        }
        if (fate == Fate.FAILED_BUT_DONE) {
            throw new IOException(side + " Sidekiq: no answer");
        }
    }
}
