package sluice.proxy.files;

import java.util.List;
import sluice.proxy.config.ProxyConfig.Preset;

/**
 * A part of the public folder with rules of its own, as a location of nginx.
 *
 * @param prefix what names in it begin with, slash at its end included
 * @param miss what a name that is no file means
 * @param fields the header lines of its own, each with its CRLF
 */
public record Place(String prefix, Miss miss, String fields) {
    /** What to do with a request for which there is no file. */
    public enum Miss {
        /** It was none for a file: the site answers. */
        SITE,
        /** There is no such thing: 404. */
        NOWHERE,
        /** Something that users uploaded: the sites may have it, first the active one, then the other. */
        EITHER_SITE
    }

    private static final String STATIC = lines("Cache-Control: public, max-age=2419200, must-revalidate");
    private static final String UPLOADED = lines(
            "Cache-Control: public, max-age=2419200, immutable",
            "X-Content-Type-Options: nosniff",
            "Content-Security-Policy: default-src 'none'; form-action 'none'");
    private static final String WORKER = lines("Cache-Control: public, max-age=604800, must-revalidate");

    /** What is in no other place. */
    private static final Place ANYWHERE = new Place("/", Miss.SITE, "");

    /** Mastodon's, as in the nginx.conf that comes with it; shortcuts and the rule for sw.js are of 4.3. */
    private static final List<Place> MASTODON = List.of(
            fixed("/assets/"),
            fixed("/avatars/"),
            fixed("/emoji/"),
            fixed("/headers/"),
            fixed("/ocr/"),
            fixed("/packs/"),
            fixed("/shortcuts/"),
            fixed("/sounds/"),
            new Place("/system/", Miss.EITHER_SITE, UPLOADED),
            new Place("/sw.js", Miss.SITE, WORKER),
            ANYWHERE);

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n";
    }

    private static Place fixed(String prefix) {
        return new Place(prefix, Miss.NOWHERE, STATIC);
    }

    /** The places of a kind of site, the more special ones first; the last one takes everything. */
    static List<Place> of(Preset preset) {
        return preset == Preset.MASTODON ? MASTODON : List.of(ANYWHERE);
    }

    boolean has(String name) {
        return prefix.endsWith("/") ? name.startsWith(prefix) : name.equals(prefix);
    }

    /** Whether a path begins with the prefix as it came, not decoded. */
    boolean hasRaw(byte[] head, int start, int end) {
        if (end - start < prefix.length()) {
            return false;
        }
        for (int i = 0; i < prefix.length(); i++) {
            if (head[start + i] != prefix.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a request for it never gets to the site, or only by way of the files: its names are always looked up. */
    boolean always() {
        return miss != Miss.SITE;
    }
}
