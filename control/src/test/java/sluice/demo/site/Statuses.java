package sluice.demo.site;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;

/** What the site does with statuses. Methods block; they run on workers. */
final class Statuses {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database;
    private final Queue queue;

    Statuses(Database database, Queue queue) {
        this.database = database;
        this.queue = queue;
    }

    /** A request that the client should not have sent. */
    static final class BadRequest extends Exception {
        private static final long serialVersionUID = 1L;

        BadRequest(String message) {
            super(message);
        }
    }

    /** Stores a status: the row, then the job. Returns the answer's body only when both are stored. */
    String post(byte[] body) throws BadRequest, SQLException, InterruptedException {
        JsonNode asked;
        try {
            asked = JSON.readTree(body);
        } catch (IOException e) {
            throw new BadRequest("the body is not JSON: " + e.getMessage());
        }
        String token = asked.path("token").asText();
        String text = asked.path("status").asText();
        if (token.isEmpty() || text.isEmpty()) {
            throw new BadRequest("\"token\" and \"status\" are needed");
        }
        long id = database.insert(token, text);
        String job = json(Map.of("class", "DistributionWorker", "args", new Object[] {id}, "token", token));
        String event = json(Map.of("id", Long.toString(id), "content", text));
        queue.push(job, event);
        return json(Map.of("id", Long.toString(id), "token", token));
    }

    String timeline() throws SQLException, InterruptedException {
        return json(database.latest());
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers and strings could not be written as JSON", e);
        }
    }
}
