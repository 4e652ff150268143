package sluice.demo.screen;

import java.util.ArrayList;
import java.util.List;

/** Rows of a name, a number and a remark, in columns. */
public final class Table {
    private record Row(String name, String value, String remark) {}

    private final List<Row> rows = new ArrayList<>();

    public Table row(String name, String value, String remark) {
        rows.add(new Row(name, value, remark));
        return this;
    }

    public List<String> draw() {
        int names = rows.stream().mapToInt(row -> row.name().length()).max().orElse(0);
        int values = rows.stream().mapToInt(row -> row.value().length()).max().orElse(0);
        return rows.stream()
                .map(row -> ("  " + row.name() + " ".repeat(names - row.name().length() + 2)
                                + " ".repeat(values - row.value().length()) + row.value() + "   " + row.remark())
                        .stripTrailing())
                .toList();
    }
}
