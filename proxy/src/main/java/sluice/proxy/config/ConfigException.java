package sluice.proxy.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration is wrong. Holds every mistake, not only the first one. */
public final class ConfigException extends Exception {
    private final transient List<Problem> problems;

    public ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }
}
