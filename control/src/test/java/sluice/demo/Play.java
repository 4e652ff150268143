package sluice.demo;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import redis.clients.jedis.Jedis;
import sluice.demo.load.Load;
import sluice.demo.load.Sample;
import sluice.demo.load.Target;
import sluice.demo.screen.Picture;
import sluice.demo.screen.Table;
import sluice.demo.verdict.Books;
import sluice.demo.verdict.Verdict;
import sluice.testbed.Await;
import sluice.testbed.PostgresNode;
import sluice.testbed.RedisNode;

/** One move in the middle of load, from setting up to the verdict. */
final class Play {
    /** 40 that write, 40 that read, 10 streams, as the site would see on a busy evening. */
    private static final Load.Size SIZE = new Load.Size(40, 40, 10, Duration.ofMillis(200));

    private static final Load.Size LOOK = new Load.Size(0, 8, 0, Duration.ofMillis(10));
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final int BEFORE_MILLIS = 500;
    private static final int AFTER_MILLIS = 1_000;
    private static final int COLUMNS = 90;
    private static final int ROWS = 6;
    private static final int FINDINGS = 10;
    private static final int LOG_LINES = 40;

    private final Path proxyProgram;
    private final Path controlProgram;
    private final PrintStream out;
    private final boolean quick;

    private Play(Path proxyProgram, Path controlProgram, PrintStream out, boolean quick) {
        this.proxyProgram = proxyProgram;
        this.controlProgram = controlProgram;
        this.out = out;
        this.quick = quick;
    }

    /** With everything shown. */
    static Result once(Path proxyProgram, Path controlProgram, PrintStream out) throws Exception {
        return new Play(proxyProgram, controlProgram, out, false).play();
    }

    /** Shorter load, and nothing shown but what is wrong. */
    static Result quickly(Path proxyProgram, Path controlProgram, PrintStream out) throws Exception {
        return new Play(proxyProgram, controlProgram, out, true).play();
    }

    private Result play() throws Exception {
        say("Setting up: Postgres and its standby, Redis and its replica, two sites, the proxy ...");
        try (Stage stage = Stage.set(proxyProgram);
                Load load = Load.start(stage.target(), SIZE)) {
            say("Load: " + SIZE.writers() + " clients that write, " + SIZE.readers() + " that read, " + SIZE.streams()
                    + " streams, all over HTTPS through the proxy. Warming up ...");
            Await.until("all streams are open", BOUND, () -> load.progress().openStreams() == SIZE.streams());
            lookAt(stage.newSide());
            answer(load, quick ? 1_200 : 2_000);
            long warm = System.nanoTime();
            answer(load, 400);
            say("");
            say("$ sluice move");
            Path log = stage.folder().resolve("move.log");
            Move.Outcome move = Move.run(controlProgram, stage, quick ? log : null);
            say("");
            say("The load goes on ...");
            if (move.done()) {
                Await.until(
                        "every stream was opened again, on the new side",
                        BOUND,
                        () -> load.heard().stream().allMatch(heard -> heard.opened() > 1));
            }
            answer(load, quick ? 400 : 1_200);
            return judge(stage, load.stop(), warm, move);
        }
    }

    /** Reads from the new site straight, as one does before a move: it reads its standby, and is no longer cold. */
    private static void lookAt(Target newSide) throws Exception {
        try (Load look = Load.start(newSide, LOOK)) {
            answer(look, 400);
            Load.Recorded seen = look.stop();
            if (seen.failed() > 0) {
                throw new IllegalStateException("the new site cannot be read: "
                        + seen.samples().stream()
                                .filter(Sample::failed)
                                .findFirst()
                                .orElseThrow());
            }
        }
    }

    /** Lets the load go on for so many requests more. */
    private static void answer(Load load, int requests) {
        long goal = load.progress().requests() + requests;
        Await.until(requests + " more requests", BOUND, () -> load.progress().requests() >= goal);
    }

    private Result judge(Stage stage, Load.Recorded recorded, long warm, Move.Outcome move) throws Exception {
        // What was not moved is still at home.
        PostgresNode database =
                move.done() ? stage.postgres().newServer() : stage.postgres().oldServer();
        RedisNode redis =
                move.done() ? stage.redis().newServer() : stage.redis().oldServer();
        String url = database.jdbcUrl("mastodon");
        Verdict verdict;
        try (Jedis jedis = redis.connect()) {
            verdict = Verdict.compare(recorded.acknowledged(), Books.rows(url), Books.jobs(jedis));
        }
        Result result = Result.of(move, recorded, warm, verdict, Books.writeGapMillis(url));
        if (!quick) {
            show(recorded, move, result);
        }
        if (!result.good()) {
            explain(stage, recorded, move, verdict);
        }
        return result;
    }

    private void show(Load.Recorded recorded, Move.Outcome move, Result result) {
        say("");
        if (move.hold() != null) {
            long start = move.hold().start();
            long end = move.hold().end();
            long from = start - TimeUnit.MILLISECONDS.toNanos(BEFORE_MILLIS);
            long to = end + TimeUnit.MILLISECONDS.toNanos(AFTER_MILLIS);
            say("The longest time that a request took, by when it was sent:");
            say("");
            new Picture(from, to, start, end, COLUMNS, ROWS)
                    .draw(recorded.samples())
                    .forEach(this::say);
            say("");
        }
        new Table()
                .row("requests", count(recorded.samples().size()), kinds(recorded))
                .row("failed", count(result.failed()), "anything but the answer that was asked for")
                .row("acknowledged writes", count(recorded.acknowledged().size()), "each a row and a job")
                .row("lost", count(result.lost()), "acknowledged, and not in the database or in Redis now")
                .row("doubled", count(result.doubled()), "there more than once")
                .row("longest wait of a read", ms(result.readWaitMillis()), "")
                .row("longest wait of a write", ms(result.writeWaitMillis()), "")
                .row("longest wait of a new stream", ms(result.streamWaitMillis()), "")
                .row("hold", ms(result.holdMillis()), "writes were paused")
                .row(
                        "write gap",
                        ms(result.writeGapMillis()),
                        "from the old database's last row to the new one's first")
                .draw()
                .forEach(this::say);
        say("");
    }

    private static String kinds(Load.Recorded recorded) {
        Map<Sample.Kind, Long> counts =
                recorded.samples().stream().collect(Collectors.groupingBy(Sample::kind, Collectors.counting()));
        return count(counts.getOrDefault(Sample.Kind.WRITE, 0L)) + " writes, "
                + count(counts.getOrDefault(Sample.Kind.READ, 0L)) + " reads, "
                + count(counts.getOrDefault(Sample.Kind.STREAM, 0L)) + " streams opened";
    }

    private void explain(Stage stage, Load.Recorded recorded, Move.Outcome move, Verdict verdict) throws Exception {
        if (!move.done()) {
            out.println("sluice move ended with " + move.exitCode());
        }
        Map<String, Long> errors = new TreeMap<>(recorded.samples().stream()
                .filter(Sample::failed)
                .collect(
                        Collectors.groupingBy(sample -> sample.kind() + ": " + sample.error(), Collectors.counting())));
        list(
                "failed",
                errors.entrySet().stream()
                        .map(error -> error.getValue() + " x " + error.getKey())
                        .toList());
        list("lost", verdict.lost());
        list("doubled", verdict.doubled());
        for (Path log : stage.logs()) {
            List<String> lines = Files.readAllLines(log);
            out.println("--- the end of " + log.getFileName());
            lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()).forEach(out::println);
        }
    }

    private void list(String what, Collection<String> findings) {
        findings.stream().limit(FINDINGS).forEach(finding -> out.println(what + ": " + finding));
        if (findings.size() > FINDINGS) {
            out.println(what + ": and " + (findings.size() - FINDINGS) + " more");
        }
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
    }

    private static String ms(double millis) {
        return Result.whole(millis) + " ms";
    }

    private void say(String line) {
        if (!quick) {
            out.println(line);
        }
    }
}
