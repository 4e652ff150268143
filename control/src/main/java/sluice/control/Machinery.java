package sluice.control;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import sluice.control.check.Checks;
import sluice.control.check.Limits;
import sluice.control.check.RedisPeer;
import sluice.control.check.Side;
import sluice.control.check.Sides;
import sluice.control.gate.AdminGate;
import sluice.control.gate.Gate;
import sluice.control.host.Host;
import sluice.control.host.LocalHost;
import sluice.control.host.SshHost;
import sluice.control.host.Systemd;
import sluice.control.postgres.LivePostgres;
import sluice.control.redis.LiveRedis;
import sluice.control.redis.RedisLink;
import sluice.control.run.History.Direction;
import sluice.control.run.Journal;
import sluice.control.run.Moves;
import sluice.control.run.Progress;
import sluice.control.run.StateFolder;
import sluice.control.sidekiq.LiveWorkers;
import sluice.control.sidekiq.Workers;
import sluice.control.site.Site;
import sluice.control.step.Pace;
import sluice.control.step.Step;
import sluice.control.step.Steps;

/** Puts the real parts together, from the site file. */
public final class Machinery {
    private final Site site;
    private final Map<String, Host> hosts = new HashMap<>();

    public Machinery(Site site) {
        this.site = site;
    }

    private Host host(Site.Side side) {
        return hosts.computeIfAbsent(side.name(), name -> {
            Site.Ssh ssh = side.ssh();
            return ssh == null
                    ? new LocalHost()
                    : new SshHost(ssh.destination(), site.state(), ssh.identity(), ssh.knownHosts());
        });
    }

    /** What a move in this direction touches, with new connections. */
    public Sides sides(Direction direction) {
        Site.Side from = site.side(direction.from());
        Site.Side to = site.side(direction.to());
        return new Sides(side(from, from), side(to, from), gates(), limits());
    }

    /** The proxies, as a run drives them. */
    public List<Gate> gates() {
        return List.copyOf(proxies());
    }

    /** The proxies, with what only a person asks of them. */
    public List<AdminGate> proxies() {
        List<AdminGate> gates = new ArrayList<>();
        for (Site.Gate gate : site.gates()) {
            gates.add(new AdminGate(gate));
        }
        return gates;
    }

    public StateFolder folder() {
        return new StateFolder(site.state());
    }

    /** What is looked at before a move in this direction. */
    public Checks checks(Direction direction) {
        return Checks.ofServers();
    }

    /** The steps of a move in this direction. */
    public List<Step> steps(Direction direction) {
        return Steps.move(checks(direction));
    }

    /** Moves of this site. {@code around} is the identity, except in tests that die at a record. */
    public Moves moves(Progress progress, UnaryOperator<Journal> around) {
        return new Moves(folder(), this::sides, this::steps, Pace.system(), progress, around);
    }

    private Limits limits() {
        Site.Move move = site.move();
        return Limits.of(move.holdTtl(), move.holdBudget(), move.drainWait(), move.sidekiqWait(), move.maxLag());
    }

    /** The instances in the order of {@code leading}, so that those of the same name meet. */
    private Side side(Site.Side side, Site.Side leading) {
        Host host = host(side);
        List<RedisPeer> redis = new ArrayList<>();
        for (Site.Redis first : leading.redis()) {
            for (Site.Redis instance : side.redis()) {
                if (instance.name().equals(first.name())) {
                    redis.add(new RedisPeer(
                            new LiveRedis(host, instance),
                            instance.replication().host(),
                            instance.replication().port()));
                }
            }
        }
        Site.Postgres postgres = side.postgres();
        return new Side(
                side.name(),
                new LivePostgres(host, postgres),
                redis,
                postgres.replication(),
                postgres.applicationName(),
                postgres.slot(),
                workers(side, host));
    }

    private static @Nullable Workers workers(Site.Side side, Host host) {
        Site.Sidekiq sidekiq = side.sidekiq();
        if (sidekiq == null) {
            return null;
        }
        Site.Redis jobs = side.redis().stream()
                .filter(instance -> instance.name().equals(sidekiq.redis()))
                .findFirst()
                .orElseThrow();
        return new LiveWorkers(side.name(), new Systemd(host), new RedisLink(host, jobs), sidekiq.units());
    }
}
