/** Compares what was acknowledged with what the databases hold. */
package sluice.demo.verdict;
