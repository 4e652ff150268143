package sluice.proxy.gate;

/** An event loop as the gate sees it: tasks run one after another, in the order in which they were given. */
public interface Loop {
    void execute(Runnable task);

    boolean inLoop();
}
