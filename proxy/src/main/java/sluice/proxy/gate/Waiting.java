package sluice.proxy.gate;

/**
 * What waits at one moment, and what became of the rest; all from under one lock.
 *
 * @param requests how many wait, those with a grant on its way included
 * @param bytes what they occupy
 * @param oldestNanos how long the oldest of them has waited
 * @param longestNanos the longest wait, ended or not, since {@link ParkedQueue#mark}
 * @param balances whether nothing vanished
 */
record Waiting(int requests, long bytes, long oldestNanos, long longestNanos, Tally tally, boolean balances) {}
