/**
 * The demo's site: one JVM process a side that speaks enough of Mastodon, on a real Postgres and a real Redis. It is
 * honest: whatever goes wrong is a 500, and a 200 is given only for what is stored.
 */
package sluice.demo.site;
