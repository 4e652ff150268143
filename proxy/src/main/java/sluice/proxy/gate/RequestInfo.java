package sluice.proxy.gate;

import org.jspecify.annotations.Nullable;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Side;

/**
 * A request as an operator sees it.
 *
 * @param path without the query, which may hold secrets
 * @param where {@code in_flight}, {@code waiting} or {@code unknown}
 * @param ageMillis how long it has been in flight, or waited, or how long ago it broke
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
        long bytes) {

    RequestInfo aged(long millis) {
        return new RequestInfo(id, where, requestClass, method, path, side, millis, bytes);
    }

    RequestInfo at(String newId, String newWhere, @Nullable Side newSide, long newBytes) {
        return new RequestInfo(newId, newWhere, requestClass, method, path, newSide, ageMillis, newBytes);
    }
}
