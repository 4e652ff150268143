package sluice.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * A primary and the base backup of it, made with {@code initdb} and {@code pg_basebackup} once in the life of a JVM, both
 * stopped; a pair is a copy of the two.
 */
final class PostgresTemplate {
    private static final List<String> ROLES = List.of(
            "CREATE ROLE control LOGIN REPLICATION",
            "GRANT pg_monitor, pg_checkpoint TO control",
            "CREATE ROLE replicator LOGIN REPLICATION",
            "CREATE ROLE mastodon LOGIN",
            "CREATE DATABASE mastodon OWNER mastodon");

    /** Rights on functions belong to one database: the one that control connects to. */
    private static final List<String> FUNCTIONS = List.of(
            "GRANT EXECUTE ON FUNCTION pg_promote TO control", "GRANT EXECUTE ON FUNCTION pg_reload_conf TO control");

    private static PostgresTemplate shared;

    private final TestFolder folder = new TestFolder("sluice-tmpl", this::stop);

    private PostgresTemplate() {}

    /** The one that all pairs of this JVM come from: they share a system identifier. */
    static synchronized PostgresTemplate shared() {
        if (shared == null) {
            shared = make();
        }
        return shared;
    }

    /** A new system, with an identifier of its own. */
    static PostgresTemplate make() {
        PostgresTemplate template = new PostgresTemplate();
        template.fill(template.folder.path());
        return template;
    }

    private void fill(Path folder) {
        Path primary = folder.resolve("primary");
        String bin = PostgresNode.BIN.toString();
        run(List.of(
                bin + "/initdb",
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--data-checksums",
                "--pgdata=" + primary));
        try {
            Files.writeString(
                    primary.resolve("postgresql.conf"),
                    String.join(
                            "\n",
                            "listen_addresses = '127.0.0.1'",
                            "wal_level = replica",
                            "hot_standby = on",
                            "max_connections = 200",
                            "max_wal_senders = 10",
                            "max_replication_slots = 10",
                            "wal_keep_size = 64MB",
                            "shared_buffers = 32MB",
                            // Only how soon a standby asks again for a server that is not there yet.
                            "wal_retrieve_retry_interval = 200ms",
                            "log_line_prefix = '%m [%p] %a '",
                            ""),
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write below " + primary, e);
        }
        try (PostgresNode node = new PostgresNode("template", primary, folder, FreePorts.next())) {
            node.configure();
            node.start();
            node.execute("postgres", ROLES);
            node.execute("mastodon", FUNCTIONS);
            run(List.of(
                    bin + "/pg_basebackup",
                    "--no-sync",
                    "--checkpoint=fast",
                    "--wal-method=stream",
                    "--write-recovery-conf",
                    "--create-slot",
                    "--slot=" + PostgresPair.NEW_SLOT,
                    "--pgdata=" + folder.resolve("standby"),
                    "--dbname=host=127.0.0.1 port=" + node.port() + " user=replicator"));
            node.stop();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot set up the template database", e);
        }
    }

    /** Also when it is not finished, because somebody ends the JVM. */
    private void stop() {
        Path path = folder.path();
        new PostgresNode("template", path.resolve("primary"), path, 0).close();
    }

    void copyPrimary(Path to) {
        copy("primary", to);
    }

    void copyStandby(Path to) {
        copy("standby", to);
    }

    /** Only for templates that are not {@link #shared}. */
    void remove() {
        folder.close();
    }

    private void copy(String which, Path to) {
        run(List.of("cp", "-a", folder.path().resolve(which).toString(), to.toString()));
    }

    private static void run(List<String> command) {
        LocalProcess.run(Duration.ofMinutes(2), Account.command(command));
    }
}
