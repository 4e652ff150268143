package sluice.proxy.files;

import org.jspecify.annotations.Nullable;

/**
 * What lies under a name.
 *
 * @param checked when that was so, on the clock that counts nanoseconds
 * @param plain the file, or null when there is none
 * @param gzip its sibling, if there is one
 * @param brotli its sibling, if there is one
 */
record Resource(
        long checked,
        @Nullable Stored plain,
        @Nullable Stored gzip,
        @Nullable Stored brotli) {

    @Nullable
    Stored in(Coding coding) {
        return switch (coding) {
            case PLAIN -> plain;
            case GZIP -> gzip;
            case BROTLI -> brotli;
        };
    }

    boolean missing() {
        return plain == null;
    }
}
