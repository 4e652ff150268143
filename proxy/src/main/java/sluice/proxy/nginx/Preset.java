package sluice.proxy.nginx;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What Sluice's mastodon preset sends along with files of the site, as far as nginx's configuration says it too. */
final class Preset {
    static final String HSTS = "Strict-Transport-Security";
    static final String HSTS_VALUE = "max-age=63072000; includeSubDomains";

    private static final String CACHE = "Cache-Control";
    /** Folders of root without a way to the site: what is not there is 404. */
    private static final List<String> FOLDERS =
            List.of("/assets", "/avatars", "/emoji", "/headers", "/ocr", "/packs", "/shortcuts", "/sounds", "/system");

    private Preset() {}

    /** Whether these paths are files only. */
    static boolean isFolder(String prefix) {
        return FOLDERS.contains(prefix.replaceFirst("/$", ""));
    }

    /**
     * The fields by name, for what lies under a prefix.
     *
     * @param hsts the value of {@link #HSTS}, or an empty text for none
     */
    static Map<String, String> fields(String prefix, String hsts) {
        Map<String, String> fields = new LinkedHashMap<>();
        if (!hsts.isEmpty()) {
            fields.put(HSTS, hsts);
        }
        if (prefix.startsWith("/system")) {
            fields.put(CACHE, "public, max-age=2419200, immutable");
            fields.put("X-Content-Type-Options", "nosniff");
            fields.put("Content-Security-Policy", "default-src 'none'; form-action 'none'");
        } else if (prefix.equals("/sw.js")) {
            fields.put(CACHE, "public, max-age=604800, must-revalidate");
        } else if (isFolder(prefix)) {
            fields.put(CACHE, "public, max-age=2419200, must-revalidate");
        }
        return fields;
    }
}
