package sluice.proxy.nginx;

/**
 * Finds the end of a {@code *_by_lua_block}, which is not in nginx's language: braces in strings, long brackets and comments do not count
 * (Lua 5.1 manual, section 2.1).
 */
final class LuaBlock {
    private final String text;
    private int at;

    LuaBlock(String text, int start) {
        this.text = text;
        this.at = start;
    }

    /** One past the closing brace, or -1 when there is none. */
    int end() {
        int open = 1;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"' || c == '\'') {
                skipString(c);
            } else if (text.startsWith("--", at)) {
                at += 2;
                if (!skipLongBracket()) {
                    skipTo("\n");
                }
            } else if (c != '[' || !skipLongBracket()) {
                at++;
                open += c == '{' ? 1 : c == '}' ? -1 : 0;
                if (open == 0) {
                    return at;
                }
            }
        }
        return -1;
    }

    private void skipString(char quote) {
        at++;
        while (at < text.length() && text.charAt(at) != quote) {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        at++;
    }

    /** {@code [[ … ]]} or {@code [==[ … ]==]}. */
    private boolean skipLongBracket() {
        int level = at + 1;
        while (level < text.length() && text.charAt(level) == '=') {
            level++;
        }
        if (!text.startsWith("[", at) || !text.startsWith("[", level)) {
            return false;
        }
        String close = "]" + "=".repeat(level - at - 1) + "]";
        at = level + 1;
        skipTo(close);
        return true;
    }

    private void skipTo(String mark) {
        int found = text.indexOf(mark, at);
        at = found < 0 ? text.length() : found + mark.length();
    }
}
