package sluice.proxy.gate;

/** One wait of one request. */
final class Parked {}
