/**
 * An explicit-state search over everything that can happen to a run: the real steps, {@code Run} and {@code Recovery} on a
 * simulated world in which calls fail, take effect although they failed, and control is killed after any record or
 * effect.
 */
package sluice.control.run.model;
