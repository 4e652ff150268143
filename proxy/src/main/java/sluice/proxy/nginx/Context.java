package sluice.proxy.nginx;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block within the blocks around it. nginx inherits from outside what a block does not say itself; a directive that may stand several
 * times (such as add_header) is inherited only when none stands inside.
 */
record Context(List<Directive> own, @Nullable Context outer) {
    /** All directives of this name where the nearest stands. */
    List<Directive> nearest(String name) {
        for (Context context = this; context != null; context = context.outer) {
            List<Directive> here = context.all(name);
            if (!here.isEmpty()) {
                return here;
            }
        }
        return List.of();
    }

    /** The one that counts, or null. */
    @Nullable
    Directive one(String name) {
        List<Directive> all = nearest(name);
        return all.isEmpty() ? null : all.get(0);
    }

    /** Those of this name that stand in the block itself. */
    List<Directive> all(String name) {
        return own.stream().filter(directive -> directive.is(name)).toList();
    }

    /** The first of this name that stands in the block itself, or null. */
    @Nullable
    Directive ownOne(String name) {
        List<Directive> all = all(name);
        return all.isEmpty() ? null : all.get(0);
    }

    Context inside(Directive block) {
        return new Context(block.inside(), this);
    }
}
