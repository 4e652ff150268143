package sluice.proxy.files;

import org.jspecify.annotations.Nullable;

/**
 * What a request says that matters to a file. Values of header fields are as they came, null when there is no such field.
 *
 * @param toHead whether the method is HEAD, to which ranges mean nothing (RFC 9110 section 14.2)
 * @param coded whether the client may get a content coding; an HTTP/1.0 client gets none
 * @param secure whether it came by https, so that Strict-Transport-Security may be said (RFC 6797 section 7.2)
 */
public record Ask(
        boolean toHead,
        boolean coded,
        boolean secure,
        @Nullable String acceptEncoding,
        @Nullable String ifMatch,
        @Nullable String ifNoneMatch,
        @Nullable String ifModifiedSince,
        @Nullable String ifUnmodifiedSince,
        @Nullable String ifRange,
        @Nullable String range) {}
