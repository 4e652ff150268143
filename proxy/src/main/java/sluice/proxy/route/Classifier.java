package sluice.proxy.route;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.config.ProxyConfig.Preset;
import sluice.proxy.route.CompiledRule.Routes;

/**
 * Gives a request its class and service from the bytes of its head: the first rule that matches, the configuration's own
 * before those of the preset, else the method. Allocates nothing; immutable, so every event loop may use the same one.
 *
 * <p>Rules lie in a table by method and by the first byte of the path, so that most requests meet few of them or none.
 *
 * <p>A stream is a request with a safe method only: a WebSocket handshake is a GET (RFC 6455, section 4.1), and so is an
 * event source. A POST that merely carries {@code Upgrade} or {@code Accept: text/event-stream} stays a write, else it
 * could slip past the count of writes in flight.
 *
 * <p>{@code _method} and {@code X-HTTP-Method-Override} turn a POST, and nothing else, into another method (Rack's and
 * others' rule): it is a write before and after, so it makes no difference, unless a rule calls a POST a read.
 */
public final class Classifier {
    private static final Routes BODY = Routes.of(RequestClass.WRITE, "default: a safe method, but with a body");
    private static final Routes UPGRADE = Routes.of(RequestClass.STREAM, "default: asks for an upgrade");
    private static final Routes EVENTS = Routes.of(RequestClass.STREAM, "default: asks for an event stream");
    private static final Routes SAFE = Routes.of(RequestClass.READ, "default: GET, HEAD or OPTIONS");
    private static final Routes UNSAFE = Routes.of(RequestClass.WRITE, "default: any other method");

    private static final byte[] OVERRIDE = "x-http-method-override".getBytes(StandardCharsets.US_ASCII);
    private static final int BYTES = 256;

    private final Methods methods;
    /** By method, then by the path's first byte; the last place has all rules of the method. */
    private final CompiledRule[][][] table;

    /** @param preset which rules count; {@code PLAIN} has none: methods, upgrades and event streams only */
    public Classifier(Preset preset) {
        this(List.of(), preset);
    }

    /** @param own come before those of the preset */
    public Classifier(List<ProxyConfig.Rule> own, Preset preset) {
        List<Rule> rules = new ArrayList<>();
        own.forEach(rule -> rules.add(Rule.of(rule)));
        rules.addAll(preset == Preset.MASTODON ? MastodonRules.ALL : List.of());
        methods = new Methods(rules);
        List<CompiledRule> compiled = rules.stream().map(CompiledRule::new).toList();
        table = new CompiledRule[methods.count()][BYTES + 1][];
        for (int method = 0; method < table.length; method++) {
            List<CompiledRule> fit = new ArrayList<>();
            for (int i = 0; i < rules.size(); i++) {
                if (methods.meant(rules.get(i), method)) {
                    fit.add(compiled.get(i));
                }
            }
            for (int first = 0; first < BYTES; first++) {
                int wanted = first;
                table[method][first] = fit.stream()
                        .filter(rule -> rule.first() == PathPattern.ANY || rule.first() == wanted)
                        .toArray(CompiledRule[]::new);
            }
            table[method][BYTES] = fit.toArray(CompiledRule[]::new);
        }
    }

    /**
     * Classifies a request.
     *
     * @param head the bytes of its head
     * @param methodStart the first byte of the method
     * @param methodEnd one past its last byte
     * @param pathStart the first byte of the request target's path
     * @param pathEnd one past its last byte; the query's question mark if there is one
     * @param targetEnd one past the last byte of the query
     * @param fields the rest of the same head
     * @return one of a fixed set of routes
     */
    public Route classify(
            byte[] head,
            int methodStart,
            int methodEnd,
            int pathStart,
            int pathEnd,
            int targetEnd,
            RequestFields fields) {
        int method = methods.of(head, methodStart, methodEnd);
        int first = PathPattern.first(head, pathStart, pathEnd);
        CompiledRule[] rules = table[method][first == PathPattern.ANY ? BYTES : first];
        int semicolon = rules.length == 0 ? pathEnd : PathPattern.semicolon(head, pathStart, pathEnd);
        CompiledRule chosen = null;
        Service service = Service.WEB;
        for (CompiledRule rule : rules) {
            if (rule.matches(head, pathStart, pathEnd, semicolon, targetEnd, fields)) {
                chosen = chosen == null ? rule : chosen;
                Service says = rule.service();
                if (says != null) {
                    service = says;
                    break;
                }
            }
        }
        return chosen == null
                ? byMethod(Methods.isSafe(method), fields).at(service)
                : byRule(chosen, Methods.isSafe(method), service, fields);
    }

    private static Route byRule(CompiledRule rule, boolean safe, Service service, RequestFields fields) {
        if (rule.isRead()) {
            // What runs through a tunnel passes no gate, and is nothing that a rule could know.
            if (safe && fields.upgrade()) {
                return rule.stream(service);
            }
            if (!safe && (fields.upgrade() || fields.find(OVERRIDE, 0) >= 0)) {
                return rule.write(service);
            }
        }
        return rule.route(service);
    }

    private static Routes byMethod(boolean safe, RequestFields fields) {
        if (!safe) {
            return UNSAFE;
        }
        if (fields.hasBody()) {
            // It means nothing by RFC 9110, 9.3.1, but Rails reads parameters from it that no rule sees.
            return BODY;
        }
        if (fields.upgrade()) {
            return UPGRADE;
        }
        return fields.acceptsEventStream() ? EVENTS : SAFE;
    }
}
