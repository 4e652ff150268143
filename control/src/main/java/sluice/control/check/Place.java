package sluice.control.check;

import sluice.control.host.Host;
import sluice.control.site.Site;

/**
 * A side's machine and what the site file says of it, for checks that look at more than the servers.
 *
 * @param host where its commands run and its files are
 * @param site its part of the site file
 */
public record Place(Host host, Site.Side site) {
    /** {@code old} or {@code new}. */
    public String name() {
        return site.name();
    }
}
