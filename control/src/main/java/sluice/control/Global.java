package sluice.control;

import java.nio.file.Path;
import picocli.CommandLine.Option;
import sluice.control.site.Site;
import sluice.control.site.SiteException;
import sluice.control.site.SiteFile;

/** What every command takes. */
final class Global {
    @Option(
            names = "--site",
            paramLabel = "FILE",
            defaultValue = "/etc/sluice/site.toml",
            scope = picocli.CommandLine.ScopeType.INHERIT,
            description = "the site file (default: ${DEFAULT-VALUE})")
    private Path site = Path.of("/etc/sluice/site.toml");

    @Option(
            names = "--json",
            scope = picocli.CommandLine.ScopeType.INHERIT,
            description = "one JSON object a line, as when the output is no terminal")
    private boolean json;

    Site read() throws SiteException {
        return SiteFile.read(site);
    }

    Machinery machinery() throws SiteException {
        return new Machinery(read());
    }

    Screen screen() {
        return Screen.standard(json);
    }
}
