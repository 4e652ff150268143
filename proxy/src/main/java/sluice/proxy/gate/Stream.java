package sluice.proxy.gate;

/** An open stream. After a release, those on the former upstream are closed, spread over a time. */
public interface Stream {
    /** Ends the stream so that its client connects again. Called on its event loop; more than once does no harm. */
    void close();
}
