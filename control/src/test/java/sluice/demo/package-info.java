/** Plays the main job: a live site is moved in the middle of load, and what was acknowledged is compared. */
package sluice.demo;
