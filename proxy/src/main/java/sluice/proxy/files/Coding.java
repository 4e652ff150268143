package sluice.proxy.files;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A content coding (RFC 9110 section 8.4.1) that a file may have a sibling in. */
enum Coding {
    PLAIN("", ""),
    GZIP(".gz", "gzip"),
    BROTLI(".br", "br");

    private final String suffix;
    private final String label;

    Coding(String suffix, String label) {
        this.suffix = suffix;
        this.label = label;
    }

    /** What the sibling's name ends in. */
    String suffix() {
        return suffix;
    }

    /** The name in Content-Encoding. */
    String label() {
        return label;
    }

    /**
     * How much a client wants this coding (RFC 9110 section 12.5.3), in thousandths; 0 when not at all. It has to name it: {@code *}
     * means that anything will do, and then the plain file does.
     *
     * @param accepted the value of Accept-Encoding, or null when there is none
     */
    int weight(@Nullable String accepted) {
        if (accepted == null) {
            return 0;
        }
        for (String item : accepted.split(",", -1)) {
            int semicolon = item.indexOf(';');
            String name = (semicolon < 0 ? item : item.substring(0, semicolon)).strip();
            if (name.equalsIgnoreCase(label)) {
                return semicolon < 0 ? 1000 : quality(item.substring(semicolon + 1));
            }
        }
        return 0;
    }

    /** RFC 9110 section 12.4.2: q=0 to q=1 with up to three decimals; what is written otherwise is no wish. */
    private static int quality(String parameter) {
        String text = parameter.strip().toLowerCase(Locale.ROOT);
        if (!text.matches("q=(0(\\.[0-9]{0,3})?|1(\\.0{0,3})?)")) {
            return 0;
        }
        StringBuilder digits = new StringBuilder(text.substring(2).replace(".", ""));
        while (digits.length() < 4) {
            digits.append('0');
        }
        return Integer.parseInt(digits.toString());
    }
}
