package sluice.proxy.files;

import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A file as it was when it was looked at.
 *
 * @param real its path without any link in it
 * @param seconds its last change, in seconds since 1970
 * @param nanos the rest of its last change, so that two changes within a second are told apart
 * @param size in bytes
 * @param key what tells it from a file that took its name, or null when the file system has no such thing
 */
record Stored(
        Path real,
        long seconds,
        int nanos,
        long size,
        @Nullable Object key) {
    static Stored of(Path real, BasicFileAttributes attributes) {
        java.time.Instant changed = attributes.lastModifiedTime().toInstant();
        return new Stored(real, changed.getEpochSecond(), changed.getNano(), attributes.size(), attributes.fileKey());
    }

    /** As nginx makes it: last change and size in hexadecimal digits, so that caches stay good when this takes nginx's place. */
    String etag() {
        return String.format(Locale.ROOT, "\"%x-%x\"", seconds, size);
    }
}
