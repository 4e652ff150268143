package sluice.proxy.nginx;

import java.util.ArrayList;
import java.util.List;

/** A {@code server} block. */
record Server(Directive block, Context context) {
    static Server of(Directive block, Context http) {
        return new Server(block, http.inside(block));
    }

    /** Everything behind server_name, in order. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        context.all("server_name").forEach(directive -> names.addAll(directive.args()));
        return names;
    }

    /** Those names that are not merely a way to say "any other". */
    List<String> realNames() {
        return names().stream()
                .filter(name -> !name.isEmpty() && !name.equals("_"))
                .toList();
    }

    List<ListenLine> listens() {
        List<Directive> lines = context.all("listen");
        if (lines.isEmpty()) {
            return List.of(ListenLine.of(new Directive("listen", List.of(ListenLine.BY_DEFAULT), null, block.place())));
        }
        return lines.stream().map(ListenLine::of).toList();
    }

    /** Whether clients speak TLS on this line, also by the old {@code ssl on}. */
    boolean tls(ListenLine line) {
        Directive ssl = context.one("ssl");
        return line.tls() || line.quic() || (ssl != null && ssl.arg(0).equals("on"));
    }

    boolean tls() {
        return listens().stream().anyMatch(this::tls);
    }

    List<Location> locations() {
        return Location.below(context);
    }

    /** Whether it passes Mastodon's streaming on: no other program has that path. */
    boolean isMastodon() {
        return locations().stream().anyMatch(Location::isStreaming);
    }

    /** Whether it passes any requests on. */
    boolean passesOn() {
        return locations().stream().anyMatch(location -> location.context().ownOne("proxy_pass") != null);
    }

    /** Its names, or what stands for them. */
    String shown() {
        List<String> names = realNames();
        return names.isEmpty() ? "any other name" : String.join(", ", names);
    }
}
