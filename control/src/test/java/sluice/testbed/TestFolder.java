package sluice.testbed;

import java.nio.file.Path;

/**
 * A folder of the servers' account under {@code /tmp} with whatever runs in it. It is emptied once: by {@link #close}, or at the
 * end of the JVM, unless that is killed.
 */
final class TestFolder implements AutoCloseable {
    private final Path path;
    private final Runnable stop;
    private final Thread hook = new Thread(this::empty, "empty a test folder");

    /**
     * Makes the folder.
     *
     * @param stop stops what runs in it; the folder itself is removed afterwards
     */
    TestFolder(String name, Runnable stop) {
        this.path = Account.folder(name);
        this.stop = stop;
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException ending) {
            Account.remove(path);
            throw ending;
        }
    }

    Path path() {
        return path;
    }

    private void empty() {
        // A start or a copy may be under way, when somebody ends the JVM.
        LocalProcess.killChildrenNaming(path);
        try {
            stop.run();
        } finally {
            Account.remove(path);
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // The JVM is ending, and the hook does it.
        }
        empty();
    }
}
