package sluice.proxy.files;

import org.jspecify.annotations.Nullable;

/** The conditions of a request in the order of RFC 9110 section 13.2.2. */
final class Conditions {
    static final int PASS = 200;
    static final int NOT_MODIFIED = 304;
    static final int FAILED = 412;

    private Conditions() {}

    /**
     * What the conditions of a GET or HEAD come to.
     *
     * @param etag with its quotes, and {@code W/} when it is weak
     * @param seconds the last change
     */
    static int judge(Ask ask, String etag, long seconds) {
        String ifMatch = ask.ifMatch();
        if (ifMatch != null) {
            if (!listed(ifMatch, etag, true)) {
                return FAILED;
            }
        } else if (ask.ifUnmodifiedSince() != null) {
            Long since = HttpDate.parse(ask.ifUnmodifiedSince());
            if (since != null && seconds > since) {
                return FAILED;
            }
        }
        String ifNoneMatch = ask.ifNoneMatch();
        if (ifNoneMatch != null) {
            return listed(ifNoneMatch, etag, false) ? NOT_MODIFIED : PASS;
        }
        if (ask.ifModifiedSince() != null) {
            Long since = HttpDate.parse(ask.ifModifiedSince());
            return since != null && seconds <= since ? NOT_MODIFIED : PASS;
        }
        return PASS;
    }

    /** Whether a range may be answered: RFC 9110 section 13.1.5, by strong comparison, and by the very same date. */
    static boolean rangeHolds(@Nullable String ifRange, String etag, long seconds) {
        if (ifRange == null) {
            return true;
        }
        if (ifRange.startsWith("\"") || ifRange.startsWith("W/")) {
            return ifRange.equals(etag) && !etag.startsWith("W/");
        }
        Long date = HttpDate.parse(ifRange);
        return date != null && date == seconds;
    }

    /** RFC 9110 section 8.8.3.2. A tag may have a comma in it, so the list is read tag by tag. */
    private static boolean listed(String list, String etag, boolean strong) {
        if (list.strip().equals("*")) {
            return true;
        }
        boolean weakHere = etag.startsWith("W/");
        String opaque = weakHere ? etag.substring(2) : etag;
        int i = 0;
        while (i < list.length()) {
            char c = list.charAt(i);
            if (c == ' ' || c == '\t' || c == ',') {
                i++;
                continue;
            }
            boolean weak = list.startsWith("W/", i);
            int from = weak ? i + 2 : i;
            int to = from < list.length() && list.charAt(from) == '"' ? list.indexOf('"', from + 1) : -1;
            if (to < 0) {
                return false;
            }
            boolean comparable = !strong || (!weak && !weakHere);
            if (comparable && list.substring(from, to + 1).equals(opaque)) {
                return true;
            }
            i = to + 1;
        }
        return false;
    }
}
