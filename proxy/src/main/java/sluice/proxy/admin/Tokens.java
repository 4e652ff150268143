package sluice.proxy.admin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of those who may change something over TCP, each with a name for the audit log. The file has a line {@code NAME TOKEN}
 * for each; a file with nothing but a token has one with the name {@code token}. Empty lines and lines that begin with # do not
 * count. Nothing but ASCII: what cannot be seen would be a part of a name or of a token. Immutable.
 */
final class Tokens {
    private static final int SHORTEST = 16;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,40}");

    /** Digests by name. */
    private final Map<String, byte[]> all;

    private Tokens(Map<String, byte[]> all) {
        this.all = Map.copyOf(all);
    }

    /**
     * Reads the file.
     *
     * @param file null for no tokens
     * @throws IOException it cannot be read, or a line makes no sense; a token is never in the message
     */
    static Tokens read(@Nullable Path file) throws IOException {
        Map<String, byte[]> all = new LinkedHashMap<>();
        if (file == null) {
            return new Tokens(all);
        }
        List<String> lines = text(file)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        for (String line : lines) {
            add(file, line, lines.size() == 1, all);
        }
        if (all.isEmpty()) {
            throw new IOException(file + ": there is no token in it; make one with: openssl rand -hex 32");
        }
        return new Tokens(all);
    }

    private static String text(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int line = 1;
        for (byte one : bytes) {
            if (one == '\n') {
                line++;
            } else if (one < 0 || one == 0) {
                throw new IOException(file + ": line " + line + " has something in it that is not ASCII, "
                        + "perhaps a byte order mark; save the file as plain ASCII, without one");
            }
        }
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private static void add(Path file, String line, boolean alone, Map<String, byte[]> all) throws IOException {
        String[] words = line.split("\\s+", -1);
        if (words.length > 2 || (words.length == 1 && !alone)) {
            throw new IOException(file + ": a line has a NAME and a TOKEN; only a token that is alone needs no name");
        }
        String name = words.length == 1 ? "token" : words[0];
        String text = words[words.length - 1];
        if (!NAME.matcher(name).matches()) {
            throw new IOException(file + ": a name has up to 40 letters, digits, dots, hyphens and underscores");
        }
        if (text.length() < SHORTEST) {
            throw new IOException(file + ": the token of " + name + " has less than " + SHORTEST
                    + " characters; make one with: openssl rand -hex 32");
        }
        byte[] digest = digest(text);
        for (Map.Entry<String, byte[]> other : all.entrySet()) {
            if (other.getKey().equals(name) || MessageDigest.isEqual(other.getValue(), digest)) {
                throw new IOException(
                        file + ": " + other.getKey() + " and " + name + " have the same name or the same token");
            }
        }
        all.put(name, digest);
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** Whose token this is, or null. Takes the same time whichever it is, or none, and wherever the first difference is. */
    @Nullable
    String nameOf(String given) {
        byte[] digest = digest(given);
        String name = null;
        for (Map.Entry<String, byte[]> token : all.entrySet()) {
            boolean same = MessageDigest.isEqual(token.getValue(), digest);
            name = same ? token.getKey() : name;
        }
        return name;
    }

    /** All of one length, so that a length tells nothing either. */
    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
