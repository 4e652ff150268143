package sluice.proxy.nginx;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Collects what there is to say. A directive that counts in several places is told once for each reason. */
final class Report {
    private static final Comparator<Finding> BY_PLACE = Comparator.comparing(
                    (Finding finding) -> finding.place().file())
            .thenComparing(finding -> finding.place().line());

    private final Set<Finding> against = new LinkedHashSet<>();
    private final Set<Finding> notes = new LinkedHashSet<>();

    /** Says what would be lost. */
    void against(Directive directive, String why) {
        against.add(new Finding(Finding.Kind.AGAINST, directive.place(), directive.shown(), why));
    }

    /** Says what is lost without harm, or what may surprise. */
    void note(Directive directive, String why) {
        notes.add(new Finding(Finding.Kind.NOTE, directive.place(), directive.shown(), why));
    }

    /** Those against it first; each kind by file and line. */
    List<Finding> findings() {
        return Stream.of(against, notes)
                .flatMap(kind -> kind.stream().sorted(BY_PLACE))
                .toList();
    }
}
