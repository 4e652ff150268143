package sluice.proxy.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import sluice.proxy.config.ProxyConfig.Listen;

/** Reads {@code [listen]}, and the other sites that share its addresses. */
final class ListenTables {
    private final Path base;

    /** @param base where relative paths count from */
    ListenTables(Path base) {
        this.base = base;
    }

    /** @param domains the names that are ours */
    Listen read(Table top, List<String> domains) {
        Table table = top.table("listen");
        List<InetSocketAddress> https = table.list("https", Forms.socketAddress(), List.of(any4(443), any6(443)));
        List<InetSocketAddress> http = table.list("http", Forms.socketAddress(), List.of(any4(80), any6(80)));
        List<Path> sockets = new ArrayList<>();
        List<InetSocketAddress> addresses = new ArrayList<>();
        Form<Boolean> either = value -> Forms.isUnix(value)
                ? sockets.add(Forms.unixSocket().read(value))
                : addresses.add(Forms.socketAddress().read(value));
        table.list("admin", either, List.of());
        if (!table.has("admin")) {
            sockets.add(Path.of("/run/sluice/admin.sock"));
            addresses.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9180));
        }
        Path tokenFile = table.get("token_file", Forms.token(base));
        if (https.isEmpty() && http.isEmpty()) {
            table.report("https", "is empty, and so is http", "write at least one address");
        }
        for (InetSocketAddress address : addresses) {
            if (!address.getAddress().isLoopbackAddress()) {
                table.report(
                        "admin",
                        address.getAddress().getHostAddress() + " is not loopback",
                        "listen on 127.0.0.1 or a unix socket; whoever is elsewhere comes through ssh");
            }
        }
        reportDoubles(table, List.of(https, http, addresses));
        OtherSites others = new OtherSiteTables(domains, https, http).read(top);
        return new Listen(https, http, List.copyOf(addresses), List.copyOf(sockets), tokenFile, others);
    }

    private static void reportDoubles(Table table, List<List<InetSocketAddress>> lists) {
        List<String> keys = List.of("https", "http", "admin");
        Set<InetSocketAddress> seen = new HashSet<>();
        for (int i = 0; i < lists.size(); i++) {
            for (InetSocketAddress address : lists.get(i)) {
                if (address.getPort() != 0 && !seen.add(address)) {
                    table.report(
                            keys.get(i),
                            address.getAddress().getHostAddress() + " port " + address.getPort() + " stands twice",
                            "each address can be bound once");
                }
            }
        }
    }

    private static InetSocketAddress any4(int port) {
        return new InetSocketAddress(literal("0.0.0.0"), port);
    }

    private static InetSocketAddress any6(int port) {
        return new InetSocketAddress(literal("::"), port);
    }

    private static InetAddress literal(String address) {
        InetAddress literal = Network.address(address);
        if (literal == null) {
            throw new IllegalStateException(address);
        }
        return literal;
    }
}
