package sluice.demo.verdict;

/** A status as one store holds it: a row in Postgres, or a job in Redis. */
public record Stored(String token, long id) {}
