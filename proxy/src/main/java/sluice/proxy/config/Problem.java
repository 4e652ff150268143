package sluice.proxy.config;

import java.nio.file.Path;

/**
 * One mistake in the configuration.
 *
 * @param file the file that holds it
 * @param key where in the file: a dotted key such as {@code gate.wait_inbox}, {@code line 3, column 7}, or empty for the
 *     file as a whole
 * @param found what is there
 * @param right what would be right
 */
public record Problem(Path file, String key, String found, String right) {
    @Override
    public String toString() {
        String where = key.isEmpty() ? file + ": " : file + ": " + key + ": ";
        return right.isEmpty() ? where + found : where + found + "; " + right;
    }
}
