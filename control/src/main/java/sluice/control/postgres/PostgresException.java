package sluice.control.postgres;

import java.io.IOException;

/** A Postgres server did not do what was asked: which one, what was asked, what it said. */
public final class PostgresException extends IOException {
    public PostgresException(String message) {
        super(message);
    }

    public PostgresException(String message, Throwable cause) {
        super(message, cause);
    }
}
