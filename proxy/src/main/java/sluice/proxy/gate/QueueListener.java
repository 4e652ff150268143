package sluice.proxy.gate;

/** What the {@link ParkedQueue} tells. Called with its lock held: to be handed over, never to be done at once. */
interface QueueListener {
    /** The first request of a release failed; grants have stopped. */
    void firstFailed(int release);

    /** Nothing waits, and nothing stands in the way of opening. */
    void emptied();

    /** At this time {@link ParkedQueue#expire} is to be called with it. */
    void deadline(long nanos);
}
