package sluice.control.redis;

import java.io.IOException;

/** A Redis instance did not do what was asked: which one, what was asked, what it said. */
public final class RedisException extends IOException {
    public RedisException(String message) {
        super(message);
    }

    public RedisException(String message, Throwable cause) {
        super(message, cause);
    }
}
