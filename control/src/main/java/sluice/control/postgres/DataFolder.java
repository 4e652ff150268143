package sluice.control.postgres;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import sluice.control.host.Host;
import sluice.control.host.Host.HostException;
import sluice.control.site.Site;

/**
 * What sluice writes into a data folder, on the server's own host, fsynced: the fence and the bound of the WAL senders.
 * Nothing here reaches the other side by replication. All of it may be repeated, and interrupted anywhere.
 *
 * <p>Settings go into {@code postgresql.auto.conf} by hand rather than by ALTER SYSTEM: that works with the server down
 * too, needs no right in the database, and the lines from before can be put back as they were. Those are remembered in a
 * file beside it, written before anything is changed, because control may die in between. An ALTER SYSTEM that somebody
 * else runs in the same millisecond could be lost.
 */
final class DataFolder {
    private static final Set<String> FENCE =
            Set.of("primary_conninfo", "primary_slot_name", "recovery_target_timeline");
    private static final Set<String> SENDER = Set.of("wal_sender_timeout");

    private final Host host;
    private final Site.Postgres site;
    private final Path conf;
    private final Path signal;
    private final Path beforeFence;
    private final Path beforeBound;
    /** First line of a memory. A base backup copies the file to the other side, where it must not count. */
    private final String owner;

    DataFolder(Host host, Site.Postgres site) {
        this.host = host;
        this.site = site;
        conf = site.data().resolve("postgresql.auto.conf");
        signal = site.data().resolve("standby.signal");
        beforeFence = site.data().resolve("sluice.before-fence");
        beforeBound = site.data().resolve("sluice.before-bound");
        owner = "# " + site.side() + ": settings before sluice changed them";
    }

    /**
     * The settings first and {@code standby.signal} last: once that is there, so is all that it needs.
     *
     * @return false when there is a {@code standby.signal} that sluice did not write; nothing was changed then
     */
    boolean fence(String primaryConninfo) throws HostException {
        boolean again = host.exists(signal);
        if (again && !ours(beforeFence)) {
            return false;
        }
        Map<String, String> values = new LinkedHashMap<>();
        values.put("primary_conninfo", primaryConninfo);
        // Without a slot of its own it must not ask for one that an earlier setting names.
        values.put("primary_slot_name", site.slot());
        values.put("recovery_target_timeline", "latest");
        // A memory without the signal is from a move long ago, unless the settings show that it was interrupted here.
        replace(FENCE, AutoConf.setting(values), beforeFence, again);
        host.writeDurably(signal, "");
        return true;
    }

    boolean fenced() throws HostException {
        return host.exists(signal);
    }

    /**
     * Settings first, then the signal, then the memory: in between, a restart still makes a standby.
     *
     * @return false when there is a {@code standby.signal} that {@link #fence} did not write; nothing was changed then
     */
    boolean unfence() throws HostException {
        if (!ours(beforeFence)) {
            return !host.exists(signal);
        }
        restore(FENCE, beforeFence);
        host.deleteDurably(signal);
        host.deleteDurably(beforeFence);
        return true;
    }

    /** Lowers {@code wal_sender_timeout}; the server has to be told to read its files again. */
    void boundWalSender(Duration timeout) throws HostException {
        Map<String, String> value = Map.of("wal_sender_timeout", timeout.toMillis() + "ms");
        replace(SENDER, AutoConf.setting(value), beforeBound, true);
    }

    /**
     * Puts the line from before back; the server has to be told, and then {@link #forgetWalSender} is called.
     *
     * @return false when there is nothing to put back
     */
    boolean resetWalSender() throws HostException {
        if (!ours(beforeBound)) {
            return false;
        }
        restore(SENDER, beforeBound);
        return true;
    }

    void forgetWalSender() throws HostException {
        host.deleteDurably(beforeBound);
    }

    /** @param keep whether what is remembered still counts although other lines than {@code lines} stand there now */
    private void replace(Set<String> names, List<String> lines, Path memory, boolean keep) throws HostException {
        AutoConf now = host.exists(conf) ? AutoConf.parse(host.read(conf)) : new AutoConf(List.of());
        List<String> before = now.of(names);
        if (!ours(memory) || !(keep || before.equals(lines))) {
            List<String> remembered = new ArrayList<>();
            remembered.add(owner);
            remembered.addAll(before);
            host.writeDurably(memory, new AutoConf(remembered).text());
        }
        host.writeDurably(conf, now.with(names, lines).text());
    }

    private void restore(Set<String> names, Path memory) throws HostException {
        List<String> before = AutoConf.parse(host.read(memory)).of(names);
        host.writeDurably(
                conf, AutoConf.parse(host.read(conf)).with(names, before).text());
    }

    private boolean ours(Path memory) throws HostException {
        return host.exists(memory)
                && AutoConf.parse(host.read(memory)).lines().stream()
                        .findFirst()
                        .equals(java.util.Optional.of(owner));
    }
}
