package sluice.proxy.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Switchboard;

/** The gates of all loops, in the order of the loops. */
record LoopGates(List<LoopGate> all, Switchboard switchboard) {
    LoopGates {
        all = List.copyOf(all);
    }

    /** Runs something on every loop; completes on the switchboard's thread when all have done it. */
    CompletableFuture<Void> over(Consumer<LoopGate> task) {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (LoopGate gate : all) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            try {
                gate.execute(() -> {
                    try {
                        task.accept(gate);
                        switchboard.execute(() -> end.complete(null));
                    } catch (RuntimeException | Error e) {
                        switchboard.execute(() -> end.completeExceptionally(e));
                        throw e;
                    }
                });
            } catch (RejectedExecutionException e) {
                end.completeExceptionally(e); // the loop has ended; the others do it all the same
            }
        }
        return CompletableFuture.allOf(ends.toArray(new CompletableFuture<?>[0]));
    }

    /** The loops as the switchboard's barrier sees them. */
    List<Switchboard.Desk> desks() {
        return all.stream().<Switchboard.Desk>map(Desk::new).toList();
    }

    private record Desk(LoopGate gate) implements Switchboard.Desk {
        @Override
        public void execute(Runnable task) {
            gate.execute(task);
        }

        @Override
        public void install(Routing next) {
            gate.install(next);
        }
    }
}
