package sluice.proxy.accesslog;

/** The forms of a line. */
public enum LineForm {
    /** nginx's {@code combined}, byte for byte. */
    COMBINED {
        @Override
        void write(Entry e, Stamp time, LineBuffer out) {
            out.put(e.client, 0, e.client.length).put(" - - [");
            time.local(out);
            out.put("] \"");
            if (e.protocol != null) {
                Escape.NGINX.text(e.head, e.methodFrom, e.methodTo, out);
                out.put(' ');
            }
            Escape.NGINX.url(e.head, e.targetFrom, e.targetTo, out);
            if (e.protocol != null) {
                out.put(' ').put(e.protocol);
            }
            out.put("\" ").decimal(e.status).put(' ').decimal(e.bytes).put(" \"");
            optional(Escape.NGINX, e.head, e.refererFrom, e.refererTo, out);
            out.put("\" \"");
            optional(Escape.NGINX, e.head, e.agentFrom, e.agentTo, out);
            out.put("\"\n");
        }
    },
    /** One JSON object a line, always with the same keys. */
    JSON {
        @Override
        void write(Entry e, Stamp time, LineBuffer out) {
            out.put("{\"time\":\"");
            time.precise(out);
            out.put("\",\"client\":\"").put(e.client, 0, e.client.length);
            out.put("\",\"method\":\"");
            optional(Escape.JSON, e.head, e.protocol == null ? -1 : e.methodFrom, e.methodTo, out);
            out.put("\",\"path\":\"");
            Escape.JSON.url(e.head, e.targetFrom, e.targetTo, out);
            out.put("\",\"protocol\":\"").put(e.protocol == null ? Entry.NONE : e.protocol);
            out.put("\",\"status\":").decimal(e.status);
            out.put(",\"bytes\":").decimal(e.bytes);
            out.put(",\"upstream\":\"").put(e.upstream);
            out.put("\",\"class\":\"").put(e.requestClass);
            out.put("\",\"wait_ms\":").decimal(e.waitMillis);
            out.put(",\"upstream_ms\":");
            if (e.upstreamMillis < 0) {
                out.put("null");
            } else {
                out.decimal(e.upstreamMillis);
            }
            out.put(",\"user_agent\":\"");
            optional(Escape.JSON, e.head, e.agentFrom, e.agentTo, out);
            out.put("\",\"referer\":\"");
            optional(Escape.JSON, e.head, e.refererFrom, e.refererTo, out);
            out.put("\"}\n");
        }
    };

    /** Adds the entry's line, with its end. */
    abstract void write(Entry entry, Stamp time, LineBuffer out);

    private static void optional(Escape escape, byte[] head, int from, int to, LineBuffer out) {
        if (from < 0) {
            out.put('-');
        } else {
            escape.url(head, from, to, out);
        }
    }
}
