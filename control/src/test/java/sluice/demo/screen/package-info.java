/** What the demo shows. Plain text, for any terminal that knows Unicode. */
package sluice.demo.screen;
