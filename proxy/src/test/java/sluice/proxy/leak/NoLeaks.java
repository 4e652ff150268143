package sluice.proxy.leak;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A test class that leaks a buffer fails. In force for every class: JUnit finds it by its service file. */
public final class NoLeaks implements AfterAllCallback {
    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        List<String> leaks = LeakRecorder.leaks();
        if (!leaks.isEmpty()) {
            throw new AssertionError(leaks.size() + " leaks, found at the end of " + context.getDisplayName() + ":\n"
                    + String.join("\n", leaks));
        }
    }
}
