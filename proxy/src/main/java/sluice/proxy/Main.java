package sluice.proxy;

import java.io.PrintWriter;
import java.nio.file.Path;
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

        abstract int with(ProxyConfig config, PrintWriter out, Path file) throws ConfigException;
    }

    @Command(
            name = "run",
            description = "Runs the proxy until it is told to stop by SIGTERM or SIGINT.",
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
            description = "Reads the configuration and what it names, says every mistake in it, and starts nothing.",
            mixinStandardHelpOptions = true)
    static final class Check extends WithConfiguration {
        @Override
        int with(ProxyConfig config, PrintWriter out, Path file) {
            out.println(file + ": OK");
            new Summary(config).lines().forEach(line -> out.println("  " + line));
            out.flush();
            return 0;
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
