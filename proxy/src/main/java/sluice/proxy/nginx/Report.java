package sluice.proxy.nginx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what there is to say; the first word about a directive counts. */
final class Report {
    private final Map<Subject, Finding> against = new LinkedHashMap<>();
    private final Map<Subject, Finding> notes = new LinkedHashMap<>();

    /** Two directives may stand on one line. */
    private record Subject(Place place, String directive) {}

    /** Says what would be lost. */
    void against(Directive directive, String why) {
        add(against, new Finding(Finding.Kind.AGAINST, directive.place(), directive.shown(), why));
    }

    /** Says what is lost without harm, or what may surprise. */
    void note(Directive directive, String why) {
        add(notes, new Finding(Finding.Kind.NOTE, directive.place(), directive.shown(), why));
    }

    private static void add(Map<Subject, Finding> to, Finding finding) {
        to.putIfAbsent(new Subject(finding.place(), finding.directive()), finding);
    }

    /** How many findings stand against the import. */
    int size() {
        return against.size();
    }

    List<Finding> findings() {
        List<Finding> all = new ArrayList<>(against.values());
        all.addAll(notes.values());
        return List.copyOf(all);
    }
}
