package sluice.demo.load;

/** A write that was answered with 200: the client's token and the id that it was told. */
public record Acknowledged(String token, long id) {}
