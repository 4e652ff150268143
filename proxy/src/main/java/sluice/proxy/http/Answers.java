package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import sluice.proxy.gate.ShedReason;

/**
 * The answers that the proxy gives by itself: small, and in the form that the client reads ({@link AnswerForm}). A browser
 * gets the site's own page for 5xx, if there is one. All of them are {@code no-store}, so that none needs a {@code Vary}.
 * Immutable.
 */
public final class Answers {
    /** Without a page of the site. */
    static final Answers PLAIN = new Answers(null);

    private final @Nullable ErrorPage page;
    private final DateLine date;

    /** @param page the site's own page for errors, or null */
    public Answers(@Nullable ErrorPage page) {
        this(page, InstantSource.system());
    }

    Answers(@Nullable ErrorPage page, InstantSource clock) {
        this.page = page;
        this.date = new DateLine(clock);
    }

    /** The date of now, for all answers that have none. */
    DateLine date() {
        return date;
    }

    /**
     * A whole answer.
     *
     * @param head the request, as far as it was read; null when not even that
     * @param retryAfter seconds for Retry-After, or 0 for none
     * @param close whether the connection is closed behind it
     */
    ByteBuf make(
            ByteBufAllocator alloc,
            int status,
            String text,
            int retryAfter,
            boolean close,
            @Nullable RequestHead head) {
        ErrorPage site = page;
        AnswerForm form = AnswerForm.of(head);
        if (form == AnswerForm.HTML && site != null && status >= 500) {
            return write(alloc, status, "text/html", site.asItIs(), retryAfter(retryAfter), close, head);
        }
        return own(alloc, status, form, text, retryAfter(retryAfter), close, head);
    }

    /** What a request gets that could not be let through: 503, and in plain words why. The site's page says it too. */
    ByteBuf shed(ByteBufAllocator alloc, ShedReason reason, int retryAfter, boolean close, @Nullable RequestHead head) {
        ErrorPage site = page;
        AnswerForm form = AnswerForm.of(head);
        String text = sentence(reason, retryAfter);
        if (form == AnswerForm.HTML && site != null) {
            return write(alloc, 503, "text/html", site.with(text), retryAfter(retryAfter), close, head);
        }
        return own(alloc, 503, form, text, retryAfter(retryAfter), close, head);
    }

    /**
     * What a request for a file gets that there is not, or that may not be had.
     *
     * @param fields more header lines, each with its CRLF
     */
    ByteBuf refused(
            ByteBufAllocator alloc, int status, String text, String fields, boolean close, @Nullable RequestHead head) {
        return own(alloc, status, AnswerForm.of(head), text, fields, close, head);
    }

    private static String retryAfter(int seconds) {
        return seconds > 0 ? "Retry-After: " + seconds + "\r\n" : "";
    }

    private static String sentence(ShedReason reason, int seconds) {
        String why = reason == ShedReason.STOPPING
                ? "This site's front door is being restarted."
                : "This site is being moved to another server.";
        return why + " Nothing was changed by this request. Please try again in " + seconds
                + (seconds == 1 ? " second." : " seconds.");
    }

    private ByteBuf own(
            ByteBufAllocator alloc,
            int status,
            AnswerForm form,
            String text,
            String more,
            boolean close,
            @Nullable RequestHead head) {
        String line = status + " " + reason(status);
        return switch (form) {
            case JSON ->
                write(
                        alloc,
                        status,
                        "application/json",
                        utf8("{\"error\":\"" + escape(text) + "\"}"),
                        more,
                        close,
                        head);
            case HTML ->
                write(
                        alloc,
                        status,
                        "text/html; charset=utf-8",
                        utf8("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + line
                                + "</title></head>\n<body><h1>" + line + "</h1>\n<p>" + ErrorPage.escape(text)
                                + "</p>\n</body></html>\n"),
                        more,
                        close,
                        head);
            case TEXT ->
                write(alloc, status, "text/plain; charset=utf-8", utf8(line + "\n" + text + "\n"), more, close, head);
        };
    }

    private ByteBuf write(
            ByteBufAllocator alloc,
            int status,
            String type,
            byte[] body,
            String more,
            boolean close,
            @Nullable RequestHead head) {
        StringBuilder out = new StringBuilder(256);
        out.append("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(reason(status))
                .append("\r\nContent-Type: ")
                .append(type)
                .append("\r\nContent-Length: ")
                .append(body.length)
                .append("\r\nCache-Control: no-store\r\n");
        out.append(date.text()).append(more);
        if (close) {
            out.append("Connection: close\r\n");
        } else if (head != null && head.minor() == 0) {
            out.append("Connection: keep-alive\r\n");
        }
        out.append("\r\n");
        boolean bodiless = head != null && head.lineRead() && head.headMethod();
        ByteBuf answer = alloc.directBuffer(bodiless ? out.length() : out.length() + body.length);
        answer.writeCharSequence(out, StandardCharsets.ISO_8859_1);
        return bodiless ? answer : answer.writeBytes(body);
    }

    /**
     * What a refused request is answered. A remote server gives an activity up for ever on a 4xx other than 400, 408, 413 and 429
     * (invariant 8), so a POST with too large a head, or too long a target, gets 400, as from nginx.
     */
    static int status(int wanted, @Nullable RequestHead head) {
        boolean post = head != null && (head.lineRead() ? head.postMethod() : head.beginsWithPost());
        return post && (wanted == 414 || wanted == 431) ? 400 : wanted;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
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
            case 414 -> "URI Too Long";
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
