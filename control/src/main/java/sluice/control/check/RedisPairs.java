package sluice.control.check;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import sluice.control.redis.RedisServer;
import sluice.control.redis.RedisServer.View;

/** Every Redis pair: a writable master, a replica of it with its link up, and a file for each to remember changes in. */
final class RedisPairs implements Check {
    @Override
    public String id() {
        return "redis-pairs";
    }

    @Override
    public String title() {
        return "Redis";
    }

    @Override
    public List<Finding> look(Sides sides) throws IOException {
        List<Finding> findings = new ArrayList<>();
        for (int pair = 0; pair < sides.redisPairs(); pair++) {
            RedisServer from = sides.from().redis().get(pair).server();
            RedisServer to = sides.to().redis().get(pair).server();
            master(from, findings);
            replica(to, findings);
            rewritable(from, findings);
            rewritable(to, findings);
        }
        return findings.isEmpty() ? List.of(Finding.ok(sides.redisPairs() + " in step")) : findings;
    }

    private static void master(RedisServer from, List<Finding> findings) throws IOException {
        View view = from.view();
        if (!view.master()) {
            findings.add(Finding.blocker(
                    from.name() + " is a replica", "it must be the master: is this move done already?"));
        } else if (view.fenced()) {
            findings.add(Finding.blocker(
                    from.name() + " is locked (min-replicas-to-write)",
                    "a run that was cut off is undone with `sluice recover`"));
        }
    }

    private static void replica(RedisServer to, List<Finding> findings) throws IOException {
        View view = to.view();
        if (view.master()) {
            findings.add(Finding.blocker(to.name() + " is a master", "make it a replica with REPLICAOF"));
        } else if (view.syncing()) {
            findings.add(Finding.blocker(to.name() + " is still getting its first full copy", "wait for it"));
        } else if (!view.linkUp()) {
            findings.add(Finding.blocker(
                    to.name() + " has lost its master",
                    "look at its log; the address and the password are usual causes"));
        }
    }

    private static void rewritable(RedisServer server, List<Finding> findings) throws IOException {
        if (!server.rewritable()) {
            findings.add(Finding.blocker(
                    server.name() + " was started without a configuration file, so a lock would not survive a restart",
                    "start it with a configuration file that it may write"));
        }
    }
}
