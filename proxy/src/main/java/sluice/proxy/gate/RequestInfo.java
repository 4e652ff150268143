package sluice.proxy.gate;

import org.jspecify.annotations.Nullable;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Side;

/**
 * A request as an operator sees it.
 *
 * @param path without the query, which may hold secrets
 * @param where {@code in_flight}, {@code waiting} or {@code unknown}
 * @param side where it went, or null while it waits
 */
public record RequestInfo(
        String id,
        String where,
        RequestClass requestClass,
        String method,
        String path,
        @Nullable Side side,
        long ageMillis,
        long bytes) {}
