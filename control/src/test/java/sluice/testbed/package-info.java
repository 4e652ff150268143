/** Real servers for tests and for the demo: set up, started, killed and removed again. */
package sluice.testbed;
