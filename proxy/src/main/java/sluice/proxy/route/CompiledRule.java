package sluice.proxy.route;

import org.jspecify.annotations.Nullable;

/** A rule, ready to be compared with requests, with every route that it can give. Immutable; matching allocates nothing. */
final class CompiledRule {
    private final @Nullable PathPattern path;
    private final @Nullable HeaderPattern header;
    private final @Nullable QueryPattern query;
    private final boolean narrow;
    private final @Nullable Service service;
    private final Routes routes;
    private final Routes streams;
    private final Routes writes;

    /** One and the same class and rule, by service. */
    record Routes(Route web, Route streaming) {
        static Routes of(RequestClass requestClass, String rule) {
            return new Routes(
                    new Route(requestClass, Service.WEB, rule), new Route(requestClass, Service.STREAMING, rule));
        }

        Route at(Service service) {
            return service == Service.WEB ? web : streaming;
        }
    }

    CompiledRule(Rule rule) {
        String p = rule.path();
        String h = rule.header();
        String q = rule.query();
        path = p == null ? null : new PathPattern(p);
        header = h == null ? null : new HeaderPattern(h);
        query = q == null ? null : new QueryPattern(q);
        narrow = !rule.requestClass().isWrite() && rule.requestClass() != RequestClass.STREAM;
        service = rule.service();
        routes = Routes.of(rule.requestClass(), rule.name());
        streams = Routes.of(RequestClass.STREAM, rule.name() + ", but it asks for an upgrade");
        writes = Routes.of(RequestClass.WRITE, rule.name() + ", but the request could turn into another");
    }

    /** The first byte that the path must have; see {@link PathPattern#first}. */
    int first() {
        return path == null ? PathPattern.ANY : path.first();
    }

    @Nullable
    Service service() {
        return service;
    }

    /** Whether it lets requests through that others would hold. */
    boolean isRead() {
        return narrow;
    }

    /** @param semicolon see {@link PathPattern#matchesWidely} */
    boolean matches(byte[] head, int pathStart, int pathEnd, int semicolon, int targetEnd, RequestFields fields) {
        if (path != null
                && !(narrow
                        ? path.matchesNarrowly(head, pathStart, pathEnd)
                        : path.matchesWidely(head, pathStart, pathEnd, semicolon))) {
            return false;
        }
        if (query != null
                && !(narrow
                        ? query.matchesNarrowly(head, pathEnd, targetEnd)
                        : query.matchesWidely(head, pathEnd, targetEnd))) {
            return false;
        }
        return header == null || (narrow ? header.matchesNarrowly(head, fields) : header.matchesWidely(head, fields));
    }

    Route route(Service by) {
        return routes.at(by);
    }

    Route stream(Service by) {
        return streams.at(by);
    }

    Route write(Service by) {
        return writes.at(by);
    }
}
