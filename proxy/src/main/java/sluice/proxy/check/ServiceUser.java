package sluice.proxy.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A user as whom the proxy runs, and what the permission bits let it do. Root, who types the command, could read everything; access
 * control lists are not looked at.
 *
 * @param groups the numbers of all of its groups
 */
public record ServiceUser(String name, int uid, Set<Integer> groups) {
    /** Bits of a permission, as in the last digit of a mode. */
    enum Access {
        EXECUTE(1),
        WRITE(2),
        READ(4);

        final int bit;

        Access(int bit) {
            this.bit = bit;
        }
    }

    public ServiceUser {
        groups = Set.copyOf(groups);
    }

    /**
     * Looks a user up in {@code passwd} and {@code group} files.
     *
     * @return null when there is no such user
     */
    public static @Nullable ServiceUser of(String name, Path passwd, Path group) throws IOException {
        for (String line : Files.readAllLines(passwd)) {
            String[] fields = line.split(":", -1);
            if (fields.length > 3 && fields[0].equals(name)) {
                Set<Integer> groups = new HashSet<>(Set.of(Integer.parseInt(fields[3])));
                for (String more : Files.readAllLines(group)) {
                    String[] members = more.split(":", -1);
                    if (members.length > 3 && Set.of(members[3].split(",", -1)).contains(name)) {
                        groups.add(Integer.parseInt(members[2]));
                    }
                }
                return new ServiceUser(name, Integer.parseInt(fields[2]), groups);
            }
        }
        return null;
    }

    /**
     * The first thing on the way to a file that this user may not do: to pass through a folder, or at last what is wanted with the file.
     *
     * @param file exists
     * @return the path that stands in the way, or null when nothing does
     */
    @Nullable
    Path obstacle(Path file, Access wanted) throws IOException {
        Path obstacle = obstacleOnTheWay(file.toAbsolutePath().normalize());
        if (obstacle != null) {
            return obstacle;
        }
        Path real = file.toRealPath();
        obstacle = obstacleOnTheWay(real);
        if (obstacle != null) {
            return obstacle;
        }
        return may(real, wanted) ? null : real;
    }

    private @Nullable Path obstacleOnTheWay(Path file) throws IOException {
        for (Path folder = file.getRoot(), end = file.getParent(); end != null && folder != null; ) {
            if (!may(folder, Access.EXECUTE)) {
                return folder;
            }
            if (folder.equals(end)) {
                return null;
            }
            folder = folder.resolve(end.getName(folder.getNameCount()));
        }
        return null;
    }

    private boolean may(Path path, Access wanted) throws IOException {
        int mode = number(path, "mode");
        if (uid == 0) {
            return true;
        }
        // path_resolution(7): the owner's bits count for the owner, even if others may do more.
        int shift = number(path, "uid") == uid ? 6 : groups.contains(number(path, "gid")) ? 3 : 0;
        return (mode >> shift & wanted.bit) != 0;
    }

    private static int number(Path path, String attribute) throws IOException {
        return Files.getAttribute(path, "unix:" + attribute) instanceof Integer number ? number : 0;
    }
}
