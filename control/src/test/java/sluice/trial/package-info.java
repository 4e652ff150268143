/** The run against real Postgres, Redis and a real proxy under load: killed, aborted, refused at every place. */
package sluice.trial;
