package sluice.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** One real Postgres server on the loopback address: its files, its settings, its life. */
public final class PostgresNode implements AutoCloseable {
    static final Path BIN = newest();
    private static final Duration BOUND = Duration.ofSeconds(60);

    private final String side;
    private final Path data;
    private final Path folder;
    private final int port;

    PostgresNode(String side, Path data, Path folder, int port) {
        this.side = side;
        this.data = data;
        this.folder = folder;
        this.port = port;
    }

    /** The folder of the server's programs. */
    public static Path bin() {
        return BIN;
    }

    /** The account that runs the server, as the site file wants it. */
    public static String user() {
        return Account.siteUser();
    }

    public String side() {
        return side;
    }

    public int port() {
        return port;
    }

    public Path data() {
        return data;
    }

    /** The server's log. */
    public Path log() {
        return folder.resolve(side + ".log");
    }

    /** For JDBC: as the given role (postgres, control, mastodon), into database mastodon. */
    public String jdbcUrl(String role) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/mastodon?user=" + role;
    }

    public String controlUrl() {
        return "postgresql://control@127.0.0.1:" + port + "/mastodon";
    }

    public String applicationUrl() {
        return "postgresql://mastodon@127.0.0.1:" + port + "/mastodon";
    }

    /** How the other side's standby reaches this server. */
    public String replication() {
        return "host=127.0.0.1 port=" + port + " user=replicator";
    }

    /** The name of this server when it streams from the other, and of the slot that it uses there. */
    public String applicationName() {
        return "sluice_" + side;
    }

    /** This server's table of the site file, {@code [old.postgres]} or {@code [new.postgres]}. */
    public String siteToml() {
        return String.join(
                "\n",
                "[" + side + ".postgres]",
                "url = \"" + controlUrl() + "\"",
                "app_url = \"" + applicationUrl() + "\"",
                "data = \"" + data + "\"",
                "bin = \"" + BIN + "\"",
                "user = \"" + Account.siteUser() + "\"",
                "replication = \"" + replication() + "\"",
                "application_name = \"" + applicationName() + "\"",
                "slot = \"" + applicationName() + "\"",
                "");
    }

    public Connection connect(String role) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(role));
    }

    /** Runs statements as the superuser in database mastodon, outside a transaction. */
    public void execute(String... statements) throws SQLException {
        execute("mastodon", List.of(statements));
    }

    void execute(String database, List<String> statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postgres");
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row as text, asked as the superuser in database mastodon; null if there is no row. */
    public String query(String sql) throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    /** Is there a postmaster? */
    public boolean isRunning() {
        Path pidFile = data.resolve("postmaster.pid");
        return Files.exists(pidFile)
                && ProcessHandle.of(postmasterPid()).map(ProcessHandle::isAlive).orElse(false);
    }

    /** Starts it and returns when it answers. */
    public void start() {
        pgCtl("start", "-w", "-l", log().toString());
    }

    /** A fast stop; returns when it is done. */
    public void stop() {
        pgCtl("stop", "-w", "-m", "fast");
    }

    /** {@code kill -9} of the postmaster; returns when it and all its children are gone, so that it can be started. */
    public void kill() {
        ProcessHandle postmaster = ProcessHandle.of(postmasterPid())
                .orElseThrow(() -> new IllegalStateException(side + " is not running"));
        List<ProcessHandle> children = postmaster.descendants().toList();
        signal("KILL", postmaster.pid());
        postmaster.onExit().join();
        children.forEach(child -> child.onExit().join());
    }

    public long postmasterPid() {
        try {
            return Long.parseLong(
                    Files.readAllLines(data.resolve("postmaster.pid")).get(0).trim());
        } catch (IOException e) {
            throw new UncheckedIOException(side + " has no readable postmaster.pid", e);
        }
    }

    /** Stops the receiver of this standby in its tracks (SIGSTOP): the connection stays up and nothing is received. */
    public long freezeReceiver() throws SQLException {
        long pid = Long.parseLong(query("SELECT pid FROM pg_stat_wal_receiver"));
        signal("STOP", pid);
        return pid;
    }

    /** Lets go on what {@link #freezeReceiver} stopped. */
    public void thaw(long pid) {
        signal("CONT", pid);
    }

    /** Immediate stop of what still runs. */
    @Override
    public void close() {
        if (isRunning()) {
            pgCtl("stop", "-w", "-m", "immediate");
        }
    }

    /** Where it listens. Goes to postgresql.conf, which a later base backup or fence does not touch. */
    void configure() {
        append("postgresql.conf", "port = " + port + "\nunix_socket_directories = '" + folder + "'\n");
    }

    /** Makes the copy of a base backup follow {@code primary}. */
    void follow(PostgresNode primary) {
        append(
                "postgresql.auto.conf",
                "primary_conninfo = '" + primary.replication() + " application_name=" + applicationName() + "'\n");
    }

    private void append(String file, String text) {
        try {
            Files.writeString(data.resolve(file), text, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + data.resolve(file), e);
        }
    }

    private void pgCtl(String... arguments) {
        List<String> command = Stream.concat(
                        Stream.of(BIN.resolve("pg_ctl").toString(), "-D", data.toString(), "-t", "60"),
                        Stream.of(arguments))
                .toList();
        try {
            LocalProcess.run(BOUND.plusSeconds(10), Account.command(command));
        } catch (IllegalStateException e) {
            throw new IllegalStateException(e.getMessage() + "\nlog of the server:\n" + tail(), e);
        }
    }

    private String tail() {
        try {
            List<String> lines = Files.readAllLines(log());
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        } catch (IOException e) {
            return "(unreadable: " + e + ")";
        }
    }

    private static void signal(String name, long pid) {
        LocalProcess.run(Duration.ofSeconds(10), List.of("kill", "-" + name, Long.toString(pid)));
    }

    private static Path newest() {
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(folder -> Files.isExecutable(folder.resolve("pg_basebackup")))
                    .max((a, b) -> Integer.compare(version(a), version(b)))
                    .orElseThrow(() -> new IllegalStateException("no Postgres server below /usr/lib/postgresql"));
        } catch (IOException e) {
            throw new UncheckedIOException("Postgres is not installed (Debian package postgresql-15)", e);
        }
    }

    private static int version(Path bin) {
        return Integer.parseInt(bin.getParent().getFileName().toString());
    }
}
