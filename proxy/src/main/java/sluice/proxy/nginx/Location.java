package sluice.proxy.nginx;

import java.util.ArrayList;
import java.util.List;

/**
 * A {@code location} block.
 *
 * @param modifier {@code =}, {@code ^~}, {@code ~}, {@code ~*}, {@code @} (named), or empty for a prefix
 * @param path the path, regular expression or name, without the modifier
 */
record Location(String modifier, String path, Directive block, Context context) {
    static final String ROOT = "/";
    private static final String STREAMING = "/api/v1/streaming";
    private static final String ACME = "/.well-known/acme-challenge";

    static Location of(Directive block, Context around) {
        Context context = around.inside(block);
        if (block.args().size() > 1) {
            return new Location(block.arg(0), block.arg(1), block, context);
        }
        // nginx lets the modifier stand directly before the path.
        String text = block.arg(0);
        for (String modifier : List.of("=", "^~", "~*", "~", "@")) {
            if (text.startsWith(modifier)) {
                return new Location(modifier, text.substring(modifier.length()), block, context);
            }
        }
        return new Location("", text, block, context);
    }

    /** Those directly inside of a block. */
    static List<Location> in(Context context) {
        List<Location> all = new ArrayList<>();
        for (Directive directive : context.all("location")) {
            all.add(of(directive, context));
        }
        return all;
    }

    /** Those inside of a block and inside of each other. */
    static List<Location> below(Context context) {
        List<Location> all = new ArrayList<>();
        for (Location location : in(context)) {
            all.add(location);
            all.addAll(below(location.context));
        }
        return all;
    }

    boolean isRoot() {
        return (modifier.isEmpty() || modifier.equals("^~")) && path.equals(ROOT);
    }

    boolean isNamed() {
        return modifier.equals("@");
    }

    boolean isAcme() {
        return prefix().startsWith(ACME);
    }

    boolean isStreaming() {
        return path.startsWith(STREAMING) || (modifier.startsWith("~") && path.contains(STREAMING));
    }

    /** What the paths begin with, or an empty text when that cannot be told: a regular expression may be no more than a prefix. */
    String prefix() {
        return switch (modifier) {
            case "", "^~", "=" -> path;
            case "~", "~*" -> path.matches("\\^/[\\w./-]*") ? path.substring(1) : "";
            default -> "";
        };
    }
}
