package sluice.demo.site;

import redis.clients.jedis.HostAndPort;

/**
 * The process of one side's site: {@code SiteMain PORT JDBC-URL REDIS-HOST:PORT}. Prints {@code listening on
 * 127.0.0.1:PORT} when everything is open, and serves until it is killed. Port 0 takes a free one.
 */
public final class SiteMain {
    /** What the line that says "ready" begins with; the port follows. */
    public static final String READY = "listening on 127.0.0.1:";

    private SiteMain() {}

    public static void main(String[] args) throws Exception {
        if (args.length != 3) {
            System.err.println("usage: SiteMain PORT JDBC-URL REDIS-HOST:PORT");
            System.exit(2);
        }
        // Its event loop keeps the process alive.
        Site site = Site.start(Integer.parseInt(args[0]), args[1], HostAndPort.from(args[2]));
        System.out.println(READY + site.port());
    }
}
