package sluice.proxy.check;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who listens on which port, as the kernel tells it: proc(5), {@code /proc/net/tcp}. */
final class Sockets {
    private static final String LISTEN = "0A";

    private final Path proc;
    private final List<Listening> all = new ArrayList<>();

    /** A socket that somebody listens on. */
    private record Listening(InetAddress address, int port, int uid, String inode) {}

    /** @param proc where the process file system is mounted */
    Sockets(Path proc) throws IOException {
        this.proc = proc;
        for (String table : List.of("net/tcp", "net/tcp6")) {
            List<String> lines = Files.readAllLines(proc.resolve(table));
            for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
                String[] fields = line.strip().split("\\s+", -1);
                if (fields.length > 9 && fields[3].equals(LISTEN)) {
                    int colon = fields[1].indexOf(':');
                    all.add(new Listening(
                            address(fields[1].substring(0, colon)),
                            Integer.parseInt(fields[1].substring(colon + 1), 16),
                            Integer.parseInt(fields[7]),
                            fields[9]));
                }
            }
        }
    }

    /** Words of four bytes, each in the machine's order, which is the little one wherever this runs. */
    private static InetAddress address(String hex) throws UnknownHostException {
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            int from = 2 * (i / 4 * 4 + 3 - i % 4);
            bytes[i] = (byte) Integer.parseInt(hex.substring(from, from + 2), 16);
        }
        return InetAddress.getByAddress(bytes);
    }

    /** Who is in the way of listening there, for people; null when nobody is. */
    @Nullable
    String holder(InetSocketAddress wanted) {
        for (Listening socket : all) {
            if (socket.port == wanted.getPort() && inTheWay(socket, wanted)) {
                return described(socket);
            }
        }
        return null;
    }

    private static boolean inTheWay(Listening socket, InetSocketAddress wanted) {
        InetAddress own = wanted.getAddress();
        if (own.getAddress().length == socket.address.getAddress().length) {
            return own.equals(socket.address) || own.isAnyLocalAddress() || socket.address.isAnyLocalAddress();
        }
        // Whether [::] is for IPv4 as well, the table does not tell.
        return own.getAddress().length == 4 && socket.address.isAnyLocalAddress() && !free(wanted);
    }

    /** Tries it, without listening: nobody can connect meanwhile. */
    private static boolean free(InetSocketAddress wanted) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET)) {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(wanted);
            return true;
        } catch (IOException e) {
            // Also where only root may: then nobody can say.
            return !String.valueOf(e.getMessage()).contains("in use");
        }
    }

    private String described(Listening socket) {
        String where = socket.address.getHostAddress() + " port " + socket.port;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : processes) {
                if (has(process, "socket:[" + socket.inode + "]")) {
                    return name(process) + " (process " + process.getFileName() + ") listens on " + where;
                }
            }
        } catch (IOException e) {
            // Only whose it is remains unknown.
        }
        return "a process of user number " + socket.uid + " listens on " + where + " (root would be told which)";
    }

    private static boolean has(Path process, String socket) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path file : files) {
                if (Files.readSymbolicLink(file).toString().equals(socket)) {
                    return true;
                }
            }
        } catch (IOException | RuntimeException e) {
            // Somebody else's, or gone.
        }
        return false;
    }

    private static String name(Path process) throws IOException {
        String command = Files.readString(process.resolve("cmdline")).replace('\0', ' ');
        return command.contains("sluice.proxy.Main")
                ? "Sluice itself"
                : Files.readString(process.resolve("comm")).strip();
    }
}
