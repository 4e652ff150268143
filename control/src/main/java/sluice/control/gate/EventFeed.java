package sluice.control.gate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The events of a proxy (server-sent events, HTML standard section 9.2) on a connection of their own. Asked for as HTTP/1.0, so that
 * there are no chunks and the end of the connection is the end.
 */
public final class EventFeed {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Whoever follows. */
    public interface Listener {
        /**
         * One event, in order.
         *
         * @param kind {@code transition} or {@code state}
         */
        void event(String kind, JsonNode data);
    }

    private EventFeed() {}

    /** Blocks until the other end closes. */
    static void follow(SocketAddress address, String host, @Nullable String token, Listener listener)
            throws IOException {
        try (SocketChannel socket = SocketChannel.open(address)) {
            String request = "GET /v1/events HTTP/1.0\r\nHost: " + host + "\r\nAccept: text/event-stream\r\n"
                    + (token == null ? "" : "Authorization: Bearer " + token + "\r\n") + "\r\n";
            ByteBuffer out = ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1));
            while (out.hasRemaining()) {
                socket.write(out);
            }
            BufferedReader in = new BufferedReader(Channels.newReader(socket, StandardCharsets.UTF_8));
            String status = in.readLine();
            for (String line = status; line != null && !line.isEmpty(); line = in.readLine()) {
                // the rest of the head says nothing more
            }
            if (status == null || !status.matches("HTTP/1\\.[01] 200 .*")) {
                String body = in.readLine();
                throw new IOException(
                        "it refused: " + (body == null ? String.valueOf(status) : StateJson.problem(body)));
            }
            read(in, listener);
        }
    }

    private static void read(BufferedReader in, Listener listener) throws IOException {
        String kind = "";
        String data = "";
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.isEmpty()) {
                listener.event(kind, JSON.readTree(data));
            } else if (line.startsWith("event: ")) {
                kind = line.substring("event: ".length());
            } else if (line.startsWith("data: ")) {
                data = line.substring("data: ".length());
            }
        }
    }
}
