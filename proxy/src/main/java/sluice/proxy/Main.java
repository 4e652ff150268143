package sluice.proxy;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import sluice.proxy.check.Finding;
import sluice.proxy.check.MachineCheck;
import sluice.proxy.check.ServiceUser;
import sluice.proxy.config.ConfigException;
import sluice.proxy.config.ConfigFile;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.listen.PemCheck;

/** The command line of {@code sluice-proxy}. */
@Command(
        name = "sluice-proxy",
        description = "Stands in front of a site, and holds its writes while the site moves.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {Main.Run.class, Main.Check.class, ClassifyCommand.class, ImportNginxCommand.class},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:it failed",
            "2:wrong usage",
            "3:refused; what stands against it is on standard error",
            "78:the configuration is wrong; every mistake is on standard error"
        })
public final class Main implements Runnable {
    /** EX_CONFIG of sysexits.h. */
    static final int CONFIGURATION = 78;

    @Spec
    private @Nullable CommandSpec spec;

    Main() {}

    public static void main(String[] args) {
        int code = new CommandLine(new Main()).execute(args);
        if (code != 0) {
            System.exit(code);
        }
    }

    @Override
    public void run() {
        CommandSpec known = spec;
        if (known != null) {
            throw new ParameterException(known.commandLine(), "Say what to do: run, check, classify or import-nginx.");
        }
    }

    /** What run and check start with. */
    private abstract static class WithConfiguration implements Callable<Integer> {
        @Spec
        private @Nullable CommandSpec spec;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                required = true,
                description = "The configuration, proxy.toml.")
        private @Nullable Path file;

        @Override
        public Integer call() {
            if (file == null || spec == null) {
                throw new IllegalStateException("picocli sets both before it calls");
            }
            try {
                return with(
                        ConfigFile.read(file, new PemCheck()),
                        spec.commandLine().getOut(),
                        file);
            } catch (ConfigException e) {
                PrintWriter err = spec.commandLine().getErr();
                e.problems().forEach(err::println);
                err.flush();
                return CONFIGURATION;
            }
        }

        CommandLine commandLine() {
            if (spec == null) {
                throw new IllegalStateException("picocli sets it before it calls");
            }
            return spec.commandLine();
        }

        abstract int with(ProxyConfig config, PrintWriter out, Path file) throws ConfigException;
    }

    @Command(
            name = "run",
            description = "Runs the proxy until it is told to stop by SIGTERM or SIGINT. SIGHUP: looks for renewed"
                    + " certificates at once, else within a minute.",
            mixinStandardHelpOptions = true)
    static final class Run extends WithConfiguration {
        private static final Logger log = LoggerFactory.getLogger(Main.class);

        @Override
        int with(ProxyConfig config, PrintWriter out, Path file) {
            Proxy proxy;
            try {
                proxy = Proxy.start(config);
            } catch (StartProblem e) {
                log.error("the proxy does not start: {}", e.getMessage());
                return CommandLine.ExitCode.SOFTWARE;
            }
            Hangup.on(proxy::reload);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(proxy), "stop"));
            proxy.awaitEnd();
            return 0;
        }

        /** Ends the process by itself: after a signal the JVM would report 143 for a stop in which nothing went wrong. */
        private static void stop(Proxy proxy) {
            boolean clean = false;
            try {
                proxy.stop();
                clean = true;
            } catch (RuntimeException | Error e) {
                log.error("the stop failed", e);
            } finally {
                Runtime.getRuntime().halt(clean ? 0 : CommandLine.ExitCode.SOFTWARE);
            }
        }
    }

    @Command(
            name = "check",
            description = {
                "Reads the configuration and what it names, then looks at the machine: who may read and write what, whose the"
                        + " ports are, whether the services answer, and the certificates. Says everything that is wrong, and"
                        + " starts and changes nothing.",
                "As root it looks as the user sluice, if there is one."
            },
            mixinStandardHelpOptions = true,
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:all is well; there may be warnings",
                "2:wrong usage",
                "3:the configuration is right, but the proxy could not serve on this machine as it is",
                "78:the configuration is wrong; every mistake is on standard error"
            })
    static final class Check extends WithConfiguration {
        private static final int REFUSED = 3;
        private static final String SERVICE = "sluice";
        private static final Path PASSWD = Path.of("/etc/passwd");
        private static final Path GROUP = Path.of("/etc/group");

        @Option(
                names = "--offline",
                description =
                        "Reads the configuration only, and what it names; asks nobody. For a unit's ExecStartPre.")
        private boolean offline;

        @Option(names = "--user", paramLabel = "NAME", description = "As whom the proxy will run.")
        private @Nullable String name;

        @Override
        int with(ProxyConfig config, PrintWriter out, Path file) {
            // Before anything is printed: wrong usage is that alone.
            ServiceUser user = offline ? null : user();
            out.println(file + ": OK");
            new Summary(config).lines().forEach(line -> out.println("  " + line));
            List<Finding> findings = offline ? List.of() : MachineCheck.run(config, user, Instant.now());
            findings.forEach(finding -> out.println(
                    finding.kind().name().toLowerCase(Locale.ROOT) + ": " + finding.key() + ": " + finding.text()));
            out.flush();
            return findings.stream().anyMatch(finding -> finding.kind() == Finding.Kind.PROBLEM) ? REFUSED : 0;
        }

        private @Nullable ServiceUser user() {
            boolean root = "root".equals(System.getProperty("user.name"));
            String wanted = name;
            if (wanted == null && !root) {
                return null;
            }
            try {
                ServiceUser user = ServiceUser.of(wanted == null ? SERVICE : wanted, PASSWD, GROUP);
                if (user == null && wanted != null) {
                    throw new ParameterException(commandLine(), "There is no user " + wanted + " in " + PASSWD + ".");
                }
                return user;
            } catch (IOException e) {
                throw new ParameterException(commandLine(), PASSWD + " cannot be read: " + e);
            }
        }
    }

    /** The version of the jar; a build from classes has none. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"sluice-proxy " + (version == null ? "(built from classes)" : version)};
        }
    }
}
