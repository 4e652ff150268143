package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import sluice.proxy.gate.ShedReason;

/** The answers that the proxy gives by itself. Small, and JSON for those who asked for JSON. */
final class Answers {
    private Answers() {}

    /**
     * A whole answer.
     *
     * @param head the request, as far as it was read; null when not even that
     * @param retryAfter seconds for Retry-After, or 0 for none
     * @param close whether the connection is closed behind it
     */
    static ByteBuf make(
            ByteBufAllocator alloc,
            int status,
            String text,
            int retryAfter,
            boolean close,
            @Nullable RequestHead head) {
        return make(alloc, status, text, retryAfter, close, head, "");
    }

    /**
     * A whole answer with more fields.
     *
     * @param fields more header lines, each with its CRLF
     */
    static ByteBuf make(
            ByteBufAllocator alloc,
            int status,
            String text,
            int retryAfter,
            boolean close,
            @Nullable RequestHead head,
            String fields) {
        boolean json = head != null && head.lineRead() && head.acceptsJson();
        byte[] body = (json
                        ? "{\"error\":\"" + escape(text) + "\"}"
                        : status + " " + reason(status) + "\n" + text + "\n")
                .getBytes(StandardCharsets.UTF_8);
        StringBuilder out = new StringBuilder(256);
        out.append("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(reason(status))
                .append("\r\n");
        out.append("Content-Type: ")
                .append(json ? "application/json" : "text/plain; charset=utf-8")
                .append("\r\nContent-Length: ")
                .append(body.length)
                .append("\r\nCache-Control: no-store\r\n");
        out.append(fields);
        if (retryAfter > 0) {
            out.append("Retry-After: ").append(retryAfter).append("\r\n");
        }
        if (close) {
            out.append("Connection: close\r\n");
        } else if (head != null && head.minor() == 0) {
            out.append("Connection: keep-alive\r\n");
        }
        out.append("\r\n");
        boolean bodiless = head != null && head.lineRead() && head.headMethod();
        ByteBuf answer = alloc.directBuffer(out.length() + body.length);
        answer.writeCharSequence(out, StandardCharsets.ISO_8859_1);
        return bodiless ? answer : answer.writeBytes(body);
    }

    /** What somebody reads whose request could not be let through. */
    static String shed(ShedReason reason, int seconds) {
        String why = reason == ShedReason.STOPPING
                ? "This site's front door is being restarted."
                : "This site is being moved to another server.";
        return why + " Nothing was changed by this request. Please try again in " + seconds
                + (seconds == 1 ? " second." : " seconds.");
    }

    /**
     * What a refused request is answered. A remote server gives an activity up for ever on a 4xx other than 400, 408, 413 and 429
     * (invariant 8), so a POST with too large a head gets 400, as from nginx.
     */
    static int status(int wanted, @Nullable RequestHead head) {
        boolean post = head != null && head.lineRead() && head.postMethod();
        return wanted == 431 && post ? 400 : wanted;
    }

    private static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\');
            }
            out.append(c < ' ' ? ' ' : c);
        }
        return out.toString();
    }

    private static String reason(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 408 -> "Request Timeout";
            case 412 -> "Precondition Failed";
            case 413 -> "Content Too Large";
            case 416 -> "Range Not Satisfiable";
            case 417 -> "Expectation Failed";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 505 -> "HTTP Version Not Supported";
            default -> "Error";
        };
    }
}
