package sluice.proxy.gate;

/** The gate's answer to an arrival. */
public enum Admission {
    /** Go: the request is in flight towards {@link Passage#side()} from this moment. */
    PASS,
    /** Wait: {@link Passage.Owner#granted()} or {@link Passage.Owner#shed} follows, on the same loop. */
    PARKED,
    /** No: {@link Passage.Owner#shed} has been called already. */
    SHED
}
