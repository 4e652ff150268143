package sluice.control.run.model;

import java.time.Duration;
import sluice.control.postgres.Lsn;
import sluice.control.postgres.PostgresException;
import sluice.control.postgres.PostgresServer;
import sluice.control.run.model.World.Fate;

/** What both simulated servers share: how calls fail. What a side is never asked throws. */
abstract class SimPostgres implements PostgresServer {
    final World world;
    private final String name;

    SimPostgres(World world, String name) {
        this.world = world;
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    void looked(String call) throws PostgresException {
        if (!world.look(name + "." + call)) {
            throw new PostgresException(name + ": no answer to " + call);
        }
    }

    void changed(String call, Runnable effect) throws PostgresException {
        Fate fate = world.change(name + "." + call);
        if (fate != Fate.FAILED) {
            effect.run();
        }
        finish(fate);
    }

    void finish(Fate fate) throws PostgresException {
        world.invariants();
        if (fate == Fate.DONE_THEN_KILLED) {
            throw new Stopped.Crash();
        }
        if (fate != Fate.DONE) {
            throw new PostgresException(name + ": timed out");
        }
    }

    <T> T seen(T value) {
        return seen(value, value);
    }

    <T> T seen(T value, Object essence) {
        world.observe(essence);
        if (world.tracing()) {
            world.tell("      = " + value);
        }
        return value;
    }

    static long bits(boolean... values) {
        long bits = 0;
        for (boolean value : values) {
            bits = bits << 1 | (value ? 1 : 0);
        }
        return bits;
    }

    @Override
    public void open() throws PostgresException {
        looked("open");
    }

    @Override
    public void checkpoint() throws PostgresException {
        looked("checkpoint");
    }

    @Override
    public int preparedTransactions() throws PostgresException {
        looked("preparedTransactions");
        return 0;
    }

    @Override
    public void tryReplication(String conninfo) throws PostgresException {
        looked("tryReplication");
    }

    @Override
    public StandbyView standby() throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public ReplicaView replica(String applicationName) throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public Lsn flushed() throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public Lsn replayed() throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void boundWalSender(Duration timeout) throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void resetWalSender() throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public Lsn marker(String run) throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void fence(String primaryConninfo) throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean fenced() throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void unfence() throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void stop(Duration bound) throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void start(Duration bound) throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public ControlData controlData() throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void promote() throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void makeSlot(String slot) throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void dropSlot(String slot) throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void verifyAsApplication(String run) throws PostgresException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
