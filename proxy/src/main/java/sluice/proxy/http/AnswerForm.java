package sluice.proxy.http;

import org.jspecify.annotations.Nullable;
import sluice.proxy.upstream.Octets;

/** In which form a client can read what the proxy itself has to say. */
enum AnswerForm {
    JSON,
    HTML,
    TEXT;

    private static final byte[] ACCEPT = Octets.of("accept");
    private static final byte[] CONTENT_TYPE = Octets.of("content-type");
    /** Also application/activity+json and application/ld+json, which are ActivityPub's. */
    private static final byte[] JSON_TYPE = Octets.of("json");

    private static final byte[] HTML_TYPE = Octets.of("text/html");

    private static final byte[][] APIS = {Octets.of("/api/"), Octets.of("/nodeinfo"), Octets.of("/.well-known/")};
    private static final byte[] OAUTH = Octets.of("/oauth/");
    private static final byte[] INBOX = Octets.of("/inbox");

    /**
     * The form for a request. There is no weighing of {@code q} values: who names JSON is a program, who names HTML and no
     * JSON is a browser, and for a path of an API its own clients count.
     *
     * @param head as far as it was read; null when not even that
     */
    static AnswerForm of(@Nullable RequestHead head) {
        if (head == null || !head.lineRead()) {
            return TEXT;
        }
        boolean html = names(head, ACCEPT, HTML_TYPE);
        if (isApi(head) || names(head, ACCEPT, JSON_TYPE) || names(head, CONTENT_TYPE, JSON_TYPE)) {
            return JSON;
        }
        if (html) {
            return HTML;
        }
        // /oauth/token is an API, /oauth/authorize a page.
        return starts(head, OAUTH) ? JSON : TEXT;
    }

    private static boolean isApi(RequestHead head) {
        for (byte[] api : APIS) {
            if (starts(head, api)) {
                return true;
            }
        }
        int inbox = head.pathEnd() - INBOX.length;
        return head.postMethod()
                && inbox >= head.pathStart()
                && Octets.equal(head.bytes(), inbox, head.pathEnd(), INBOX);
    }

    private static boolean starts(RequestHead head, byte[] prefix) {
        int end = head.pathStart() + prefix.length;
        return end <= head.pathEnd() && Octets.equal(head.bytes(), head.pathStart(), end, prefix);
    }

    private static boolean names(RequestHead head, byte[] field, byte[] type) {
        for (int i = head.find(field, 0); i >= 0; i = head.find(field, i + 1)) {
            if (Octets.contains(head.bytes(), head.valueStart(i), head.valueEnd(i), type)) {
                return true;
            }
        }
        return false;
    }
}
