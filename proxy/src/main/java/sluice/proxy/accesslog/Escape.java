package sluice.proxy.accesslog;

/** How a client's bytes are written so that they can neither end a line nor leave their quotes. */
enum Escape {
    /** As nginx does it by default: {@code \xXX} for quotes, backslashes, control characters and all beyond ASCII. */
    NGINX {
        @Override
        void put(int octet, LineBuffer out) {
            out.put('\\').put('x').put(UPPER[octet >> 4]).put(UPPER[octet & 15]);
        }
    },
    /**
     * RFC 8259 section 7. A byte beyond ASCII becomes the character with its number: what a client sends need not be UTF-8, and the
     * line has to be JSON all the same.
     */
    JSON {
        @Override
        void put(int octet, LineBuffer out) {
            if (octet == '"' || octet == '\\') {
                out.put('\\').put(octet);
            } else {
                out.put("\\u00").put(LOWER[octet >> 4]).put(LOWER[octet & 15]);
            }
        }
    };

    private static final byte[] UPPER = digits("0123456789ABCDEF");
    private static final byte[] LOWER = digits("0123456789abcdef");

    private static byte[] digits(String all) {
        byte[] digits = new byte[all.length()];
        for (int i = 0; i < digits.length; i++) {
            digits[i] = (byte) all.charAt(i);
        }
        return digits;
    }

    /** Writes one byte that may not stand there as it is. */
    abstract void put(int octet, LineBuffer out);

    /** Writes a text. */
    void text(byte[] bytes, int from, int to, LineBuffer out) {
        int plain = from;
        for (int i = from; i < to; i++) {
            int octet = bytes[i] & 0xff;
            if (octet < ' ' || octet >= 0x7f || octet == '"' || octet == '\\') {
                out.put(bytes, plain, i);
                put(octet, out);
                plain = i + 1;
            }
        }
        out.put(bytes, plain, to);
    }

    /** Writes a text that has a URL in it, without the value of a parameter that is a secret. */
    void url(byte[] bytes, int from, int to, LineBuffer out) {
        int plain = from;
        boolean query = false;
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            query |= b == '?';
            if (b == '?' || (query && (b == '&' || b == ';'))) {
                int value = AccessToken.valueStart(bytes, i + 1, to);
                if (value >= 0) {
                    text(bytes, plain, value, out);
                    out.put('-');
                    plain = AccessToken.valueEnd(bytes, value, to);
                    i = plain - 1;
                }
            }
        }
        text(bytes, plain, to, out);
    }
}
