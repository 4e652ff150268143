package sluice.proxy.files;

/**
 * A request's path as the name of a file.
 *
 * @param name begins with a slash, decoded
 * @param place whose rules count
 */
public record Wanted(String name, Place place) {}
