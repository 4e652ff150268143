package sluice.proxy.nginx;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts nginx's configuration language into directives' words. Follows what nginx does and not what its manual says: quotes count at
 * the beginning of a word only, a backslash takes the meaning from any character, the brace of a variable opens no block, and a number sign begins a
 * comment only where a word could begin.
 */
final class Words {
    /** What ended a list of words. */
    enum End {
        SEMICOLON,
        BLOCK,
        CLOSE,
        END_OF_FILE
    }

    /** nginx's NGX_CONF_BUFFER: a longer word does not fit its buffer, and it refuses it. */
    static final int LONGEST_WORD = 4096;

    private final String file;
    private final String text;
    private final List<String> words = new ArrayList<>();
    private int at;
    private int line = 1;
    private int firstLine = 1;

    Words(String file, String text) {
        this.file = file;
        this.text = text;
    }

    /** The words up to the next semicolon or brace, see {@link #words()}. */
    End next() throws NginxException {
        words.clear();
        while (true) {
            skipSpace();
            if (at == text.length()) {
                if (!words.isEmpty()) {
                    throw error("the file ends in the middle of a directive; it needs a \";\"");
                }
                firstLine = line;
                return End.END_OF_FILE;
            }
            char c = text.charAt(at);
            if (c == ';' || c == '{') {
                if (words.isEmpty()) {
                    throw error("there is no directive before this \"" + c + "\"");
                }
                at++;
                return c == ';' ? End.SEMICOLON : End.BLOCK;
            }
            if (c == '}') {
                if (!words.isEmpty()) {
                    throw error("a \"}\" in the middle of a directive; it needs a \";\" before");
                }
                firstLine = line;
                at++;
                return End.CLOSE;
            }
            if (words.isEmpty()) {
                firstLine = line;
            }
            words.add(c == '"' || c == '\'' ? quoted(c) : bare());
        }
    }

    List<String> words() {
        return List.copyOf(words);
    }

    /** Where the first of the words stands, or the closing brace. */
    Place place() {
        return new Place(file, firstLine);
    }

    /** Passes over a block of Lua, whose opening brace has been read, up to its closing one. */
    void skipLua() throws NginxException {
        int end = new LuaBlock(text, at).end();
        if (end < 0) {
            throw new NginxException(place(), "the block of Lua that begins here never ends");
        }
        countLines(at, end);
        at = end;
    }

    private void skipSpace() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (isSpace(c)) {
                line += c == '\n' ? 1 : 0;
                at++;
            } else {
                return;
            }
        }
    }

    private String quoted(char quote) throws NginxException {
        int opened = line;
        int start = ++at;
        while (at < text.length() && text.charAt(at) != quote) {
            step();
        }
        if (at >= text.length()) {
            throw new NginxException(new Place(file, opened), "the quotes that open here are never closed");
        }
        String word = unescaped(start, at);
        at++;
        if (at < text.length() && !isSpace(text.charAt(at)) && ";{)".indexOf(text.charAt(at)) < 0) {
            throw error("\"" + text.charAt(at) + "\" stands directly behind closing quotes");
        }
        return word;
    }

    private String bare() throws NginxException {
        int start = at;
        boolean variable = false;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (isSpace(c) || c == ';' || (c == '{' && !variable)) {
                break;
            }
            variable = c == '$';
            step();
        }
        return unescaped(start, at);
    }

    /** Goes one character on, or over a backslash and what it escapes. */
    private void step() {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
            at++;
        }
        line += text.charAt(at) == '\n' ? 1 : 0;
        at++;
    }

    private String unescaped(int start, int end) throws NginxException {
        if (end - start > LONGEST_WORD) {
            throw error("a word of more than " + LONGEST_WORD + " characters ends here; is a quote missing before?");
        }
        StringBuilder word = new StringBuilder(end - start);
        int i = start;
        while (i < end) {
            char c = text.charAt(i);
            char meant = c == '\\' && i + 1 < end ? escaped(text.charAt(i + 1)) : 0;
            word.append(meant == 0 ? c : meant);
            i += meant == 0 ? 1 : 2;
        }
        return word.toString();
    }

    /** What stands for itself behind a backslash; 0 for all others, where the backslash stays, as in a regular expression. */
    private static char escaped(char c) {
        return switch (c) {
            case '"', '\'', '\\' -> c;
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'n' -> '\n';
            default -> 0;
        };
    }

    private void countLines(int from, int to) {
        for (int i = from; i < to; i++) {
            line += text.charAt(i) == '\n' ? 1 : 0;
        }
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    private NginxException error(String what) {
        return new NginxException(new Place(file, line), what);
    }
}
