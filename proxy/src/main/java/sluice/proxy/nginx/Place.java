package sluice.proxy.nginx;

/**
 * Where something stands.
 *
 * @param file the file as nginx would name it
 * @param line counted from 1
 */
public record Place(String file, int line) {
    @Override
    public String toString() {
        return file + ":" + line;
    }
}
