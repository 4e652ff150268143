package sluice.proxy.files;

import org.jspecify.annotations.Nullable;

/**
 * What came of looking for a file.
 *
 * @param reply the answer, or null when there is no file
 */
public record Found(@Nullable Reply reply) {
    static final Found NOTHING = new Found(null);
}
