package sluice.proxy.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import sluice.proxy.config.ProxyConfig;

/** The site's own page for errors, as it was when the proxy started. Immutable. */
public final class ErrorPage {
    private static final String END = "</body>";

    private final byte[] whole;
    private final int end;

    /** @param html the page's bytes, which are the page's own from now on */
    ErrorPage(byte[] html) {
        this.whole = html;
        // One byte a character, so that indexes are those of the bytes, whatever the page's encoding.
        int at = new String(html, StandardCharsets.ISO_8859_1)
                .toLowerCase(Locale.ROOT)
                .lastIndexOf(END);
        this.end = at < 0 ? html.length : at;
    }

    /**
     * Reads a page.
     *
     * @throws IOException when it cannot be read, or is larger than {@link ProxyConfig#MAX_ERROR_PAGE}
     */
    public static ErrorPage read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] html = in.readNBytes(ProxyConfig.MAX_ERROR_PAGE + 1);
            if (html.length > ProxyConfig.MAX_ERROR_PAGE) {
                throw new IOException("the error page " + file + " is larger than " + ProxyConfig.MAX_ERROR_PAGE
                        + " bytes; name a smaller one with error_page");
            }
            return new ErrorPage(html);
        }
    }

    /** The page as it is. Not to be changed. */
    byte[] asItIs() {
        return whole;
    }

    /** The page with a paragraph more at the end of its body. */
    byte[] with(String sentence) {
        byte[] paragraph = ("<p>" + escape(sentence) + "</p>\n").getBytes(StandardCharsets.US_ASCII);
        byte[] page = new byte[whole.length + paragraph.length];
        System.arraycopy(whole, 0, page, 0, end);
        System.arraycopy(paragraph, 0, page, end, paragraph.length);
        System.arraycopy(whole, end, page, end + paragraph.length, whole.length - end);
        return page;
    }

    /** Text for HTML, in ASCII: it fits into a page of any encoding that begins with ASCII. */
    static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' || c > '~') {
                out.append("&#").append(c).append(';');
            } else {
                out.append(c < ' ' ? ' ' : (char) c);
            }
        });
        return out.toString();
    }
}
