package sluice.control.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How records look on disk. A frame is {@code length, sequence, crc, payload}: two big-endian ints around a long, and a
 * JSON array of records. The CRC (RFC 3720 polynomial) covers length, sequence and payload. Length 0 is the end.
 */
final class Frames {
    static final int HEADER = Integer.BYTES + Long.BYTES + Integer.BYTES;

    private static final ObjectMapper JSON = new ObjectMapper();

    private Frames() {}

    static ByteBuffer encode(long sequence, List<Entry> entries) {
        ArrayNode array = JSON.createArrayNode();
        for (Entry entry : entries) {
            ObjectNode node = array.addObject();
            node.put("at", entry.at().toString());
            node.put("kind", entry.kind().name());
            node.put("step", entry.step());
            node.put("text", entry.text());
            ObjectNode facts = node.putObject("facts");
            entry.facts().forEach(facts::put);
        }
        byte[] payload = array.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(HEADER + payload.length);
        frame.putInt(payload.length)
                .putLong(sequence)
                .putInt(crc(sequence, payload))
                .put(payload);
        return frame.flip();
    }

    /** The payload of the frame at {@code offset} if it is whole and has this sequence number, else null. */
    static byte @Nullable [] payload(ByteBuffer file, int offset, long sequence) {
        if (file.limit() - offset < HEADER) {
            return null;
        }
        int length = file.getInt(offset);
        if (length <= 0 || length > file.limit() - offset - HEADER || file.getLong(offset + 4) != sequence) {
            return null;
        }
        byte[] payload = new byte[length];
        file.get(offset + HEADER, payload);
        return file.getInt(offset + 12) == crc(sequence, payload) ? payload : null;
    }

    static List<Entry> decode(byte[] payload) throws JsonProcessingException {
        List<Entry> entries = new ArrayList<>();
        for (JsonNode node : JSON.readTree(new String(payload, StandardCharsets.UTF_8))) {
            Map<String, String> facts = new LinkedHashMap<>();
            node.path("facts")
                    .properties()
                    .forEach(fact -> facts.put(fact.getKey(), fact.getValue().asText()));
            entries.add(new Entry(
                    Instant.parse(node.path("at").asText()),
                    Entry.Kind.valueOf(node.path("kind").asText()),
                    node.path("step").asText(),
                    node.path("text").asText(),
                    facts));
        }
        return entries;
    }

    private static int crc(long sequence, byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                .putInt(payload.length)
                .putLong(sequence)
                .flip());
        crc.update(payload);
        return (int) crc.getValue();
    }
}
