package sluice.proxy.route;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig;

/**
 * One rule: requests that meet all of its conditions get its class. A condition that is null is none.
 *
 * <p>A rule that holds requests back (inbox, media, write, stream) counts for whatever some server could take for its path;
 * one that lets them through (read) only for what no server could take for anything else. See {@link PathPattern}.
 *
 * @param name what people read: where the rule comes from, and what it is about
 * @param methods in capitals; GET stands for HEAD too, which runs the same code in most applications. When it is empty:
 *     POST for inbox and media, GET, HEAD and OPTIONS for read and stream, every method for write
 * @param path such as {@code /a}, {@code /a/*}, {@code /users/*}{@code /inbox}
 * @param header {@code name} or {@code name: value}
 * @param query {@code name} or {@code name=value}
 * @param service which service answers; null when another rule, or else the web service, is to say so
 */
public record Rule(
        String name,
        List<String> methods,
        @Nullable String path,
        @Nullable String header,
        @Nullable String query,
        RequestClass requestClass,
        @Nullable Service service) {

    /** A rule of the configuration. */
    static Rule of(ProxyConfig.Rule rule) {
        String service = rule.service();
        return new Rule(
                rule.name(),
                rule.methods(),
                rule.path(),
                rule.header(),
                rule.query(),
                RequestClass.valueOf(rule.requestClass().toUpperCase(Locale.ROOT)),
                service == null ? null : Service.valueOf(service.toUpperCase(Locale.ROOT)));
    }
}
