/**
 * The demo's clients: writers that remember what was acknowledged, readers, and streams. Everything of a load runs on
 * one event loop, so that its records have one writer and need no lock.
 */
package sluice.demo.load;
