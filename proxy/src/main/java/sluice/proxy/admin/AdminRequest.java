package sluice.proxy.admin;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sluice.proxy.gate.Caller;

/**
 * A call, as far as the API needs it.
 *
 * @param path without the query
 * @param ifMatch the header, or null
 * @param from who calls: for the audit log
 */
record AdminRequest(
        String method,
        String path,
        Parameters parameters,
        @Nullable String ifMatch,
        Caller from) {
    private static final Pattern ETAG = Pattern.compile("\"?([0-9]{1,18})\"?");

    /** Refuses unless the method is one of these. */
    void allow(String... methods) {
        if (!List.of(methods).contains(method)) {
            String all = String.join(", ", methods);
            throw new Problem(
                    AdminResponse.problem(405, "method not allowed", path + " takes " + all + ", not " + method)
                            .with("Allow", all));
        }
    }

    /** Refuses unless it is a GET without parameters. */
    void allowGet() {
        allow("GET");
        parameters.allow();
    }

    /** The epoch that the caller builds on; null for any. */
    @Nullable
    Long epoch() {
        if (ifMatch == null || ifMatch.equals("*")) {
            return null;
        }
        Matcher matcher = ETAG.matcher(ifMatch);
        if (!matcher.matches()) {
            throw Problem.invalid("If-Match: an epoch such as \"7\", not " + ifMatch);
        }
        return Long.valueOf(matcher.group(1));
    }
}
