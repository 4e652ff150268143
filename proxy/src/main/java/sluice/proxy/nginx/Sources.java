package sluice.proxy.nginx;

import java.io.IOException;
import java.util.List;

/** Where files come from: the disk, or the output of {@code nginx -T}. Paths are absolute. */
interface Sources {
    /** The folder of the main configuration file: relative names in {@code include} count from it, wherever they stand. */
    String prefix();

    /**
     * Reads one.
     *
     * @throws IOException when there is no such file, or when it cannot be read
     */
    String text(String path) throws IOException;

    /** The files that a pattern means, in the order of their bytes, as nginx takes them. */
    List<String> matching(String pattern) throws IOException;
}
