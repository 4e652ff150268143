package sluice.proxy.route;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Methods as small numbers, so that rules can be sorted by them. Case matters (RFC 9110 section 9.1). Immutable. */
final class Methods {
    private static final List<String> COMMON = List.of("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE");
    private static final int SAFE = 3;

    private final byte[][] names;

    /** @param rules whose methods get a number each */
    Methods(List<Rule> rules) {
        Set<String> others = new TreeSet<>();
        rules.forEach(rule -> others.addAll(rule.methods()));
        COMMON.forEach(others::remove);
        names = new byte[COMMON.size() + others.size()][];
        int i = 0;
        for (String name : COMMON) {
            names[i++] = name.getBytes(StandardCharsets.US_ASCII);
        }
        for (String name : others) {
            names[i++] = name.getBytes(StandardCharsets.US_ASCII);
        }
    }

    /** How many numbers there are; the last is of all methods that no rule names. */
    int count() {
        return names.length + 1;
    }

    int of(byte[] head, int start, int end) {
        for (int i = 0; i < names.length; i++) {
            byte[] name = names[i];
            if (name.length == end - start && name[0] == head[start] && same(name, head, start)) {
                return i;
            }
        }
        return names.length;
    }

    private static boolean same(byte[] name, byte[] head, int start) {
        for (int i = 1; i < name.length; i++) {
            if (name[i] != head[start + i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether it is GET, HEAD or OPTIONS: the safe ones (RFC 9110 section 9.2.1) that sites use. */
    static boolean isSafe(int method) {
        return method < SAFE;
    }

    /** Whether the rule is for the method. */
    boolean meant(Rule rule, int method) {
        RequestClass requestClass = rule.requestClass();
        if (requestClass == RequestClass.STREAM && !isSafe(method)) {
            // Streams are not counted as writes: a POST would slip past the drain.
            return false;
        }
        if (rule.methods().isEmpty()) {
            return switch (requestClass) {
                case READ, STREAM -> isSafe(method);
                case INBOX, MEDIA -> named("POST", method);
                case WRITE -> true;
            };
        }
        return rule.methods().stream()
                .anyMatch(name -> named(name, method) || (name.equals("GET") && named("HEAD", method)));
    }

    private boolean named(String name, int method) {
        return method < names.length && new String(names[method], StandardCharsets.US_ASCII).equals(name);
    }
}
