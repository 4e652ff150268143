package sluice.proxy.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Listens to events as HTTP/1.0, so that there are no chunks, on a socket of its own. */
final class EventReader implements AutoCloseable {
    final SocketChannel socket;
    private final BufferedReader in;

    record Event(String kind, long id, JsonNode data) {}

    EventReader(RawHttp to, String... headers) throws IOException {
        socket = SocketChannel.open(to.address());
        String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        socket.write(ByteBuffer.wrap(("GET /v1/events HTTP/1.0\r\nHost: " + to.host() + "\r\n" + lines + "\r\n")
                .getBytes(StandardCharsets.US_ASCII)));
        in = new BufferedReader(Channels.newReader(socket, StandardCharsets.UTF_8));
    }

    /** The status line and the header lines. */
    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            head.append(line).append('\n');
        }
        return head.toString();
    }

    /** The next event; null at the end. */
    Event next() throws IOException {
        String kind = "";
        long id = -1;
        JsonNode data = null;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.isEmpty()) {
                return new Event(kind, id, data);
            }
            String value = line.substring(line.indexOf(": ") + 2);
            switch (line.substring(0, line.indexOf(':'))) {
                case "event" -> kind = value;
                case "id" -> id = Long.parseLong(value);
                case "data" -> data = new ObjectMapper().readTree(value);
                default -> throw new AssertionError(line);
            }
        }
        return null;
    }

    Event next(String kind) throws IOException {
        Event event = next();
        while (event != null && !event.kind().equals(kind)) {
            event = next();
        }
        return event;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
