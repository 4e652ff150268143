package sluice.proxy;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import sluice.proxy.listen.CloudflareNetworks;
import sluice.proxy.nginx.Configuration;
import sluice.proxy.nginx.Finding;
import sluice.proxy.nginx.Importer;
import sluice.proxy.nginx.NginxException;
import sluice.proxy.nginx.NoSingleSite;

/** {@code import-nginx}: what nginx did, as a configuration of Sluice. */
@Command(
        name = "import-nginx",
        header = "Writes proxy.toml from nginx's configuration of a Mastodon.",
        description = {
            "Reads the files and everything that they include. Give the whole configuration, as in:",
            "",
            "  nginx -T | sluice-proxy import-nginx - --out proxy.toml",
            "",
            "Whatever Sluice would not do as nginx does is listed on standard error with file and line, and nothing is"
                    + " written until you have accepted it. Nothing that exists is overwritten."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:proxy.toml was written",
            "1:a file cannot be read or written, or is not in nginx's language",
            "2:wrong usage",
            "3:refused: findings stand against it, or it is not clear which site is meant"
        })
final class ImportNginxCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int REFUSED = 3;
    private static final String STANDARD_INPUT = "-";

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "nginx.conf, a site's file, or the output of nginx -T; - reads standard input.")
    private List<String> files = List.of();

    @Option(names = "--out", paramLabel = "FILE", description = "Where to write; standard output by default.")
    private @Nullable Path out;

    @Option(names = "--site", paramLabel = "NAME", description = "Which site, when there are several Mastodons.")
    private @Nullable String site;

    @Option(
            names = "--new",
            paramLabel = "URL",
            description = "Where the new host answers, such as https://203.0.113.9; else a line is left to fill in.")
    private @Nullable String next;

    @Option(
            names = "--accept",
            paramLabel = "FILE:LINE",
            description = "Goes on in spite of the finding at this place. May be given several times.")
    private List<String> accepted = List.of();

    @Option(names = "--force", description = "Goes on in spite of all findings.")
    private boolean force;

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets it before it calls");
        }
        if (next != null && !next.matches("(https?://|unix:/).+")) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--new takes http://host:port, https://host or unix:/path, and " + next + " is none.");
        }
        PrintWriter err = spec.commandLine().getErr();
        try {
            Importer.Result result = Importer.read(configuration(spec), CloudflareNetworks.load(), site, next);
            boolean clear = judge(result.findings(), err);
            return clear ? write(result.toml(), spec.commandLine().getOut(), err) : REFUSED;
        } catch (NginxException e) {
            err.println(e.getMessage());
            return FAILED;
        } catch (NoSingleSite e) {
            err.println("refused: " + e.getMessage());
            return REFUSED;
        } catch (IOException e) {
            err.println("standard input cannot be read: " + e.getMessage());
            return FAILED;
        } finally {
            err.flush();
        }
    }

    private Configuration configuration(CommandSpec spec) throws NginxException, IOException {
        if (!files.contains(STANDARD_INPUT)) {
            return Configuration.read(files.stream().map(Path::of).toList());
        }
        if (files.size() > 1) {
            throw new ParameterException(spec.commandLine(), "Standard input (-) is read alone, without other files.");
        }
        return Configuration.of(
                "(standard input)", System.in.readAllBytes(), Path.of("").toAbsolutePath());
    }

    /** Lists the findings and says whether nothing stands against the import any more. */
    private boolean judge(List<Finding> findings, PrintWriter err) {
        List<String> unused = new ArrayList<>(accepted);
        int open = 0;
        for (Finding finding : findings) {
            String word = "note";
            if (finding.kind() == Finding.Kind.AGAINST) {
                boolean fine = accepted.stream().anyMatch(text -> names(text, finding));
                unused.removeIf(text -> names(text, finding));
                word = fine || force ? "accepted" : "against";
                open += fine || force ? 0 : 1;
            }
            err.println(word + ": " + finding.place() + ": " + finding.directive());
            err.println("    " + finding.why());
        }
        unused.forEach(text -> err.println("refused: --accept " + text + " names no finding against the import"));
        if (open > 0) {
            err.println("refused: " + (open == 1 ? "1 finding stands" : open + " findings stand")
                    + " against the import. Look at each; then --accept FILE:LINE for each, or --force for all.");
        }
        return open == 0 && unused.isEmpty();
    }

    private static boolean names(String text, Finding finding) {
        int colon = text.lastIndexOf(':');
        if (text.equals(finding.place().toString())) {
            return true;
        }
        return colon > 0
                && text.substring(colon + 1)
                        .equals(String.valueOf(finding.place().line()))
                && Path.of(text.substring(0, colon))
                        .toAbsolutePath()
                        .normalize()
                        .toString()
                        .equals(finding.place().file());
    }

    private int write(String toml, PrintWriter standard, PrintWriter err) {
        if (out == null) {
            standard.print(toml);
            standard.flush();
            return 0;
        }
        try {
            Files.writeString(out, toml, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return 0;
        } catch (FileAlreadyExistsException e) {
            err.println(out + " exists already and is left as it is; name another file with --out");
        } catch (NoSuchFileException e) {
            err.println(out + " cannot be written: there is no such folder");
        } catch (IOException e) {
            err.println(out + " cannot be written: " + e);
        }
        return FAILED;
    }
}
