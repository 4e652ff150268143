package sluice.proxy.accesslog;

/** Whole lines, each with its end. */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record Batch(byte[] bytes, int lines) {}
