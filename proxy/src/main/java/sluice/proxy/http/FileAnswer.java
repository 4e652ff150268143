package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.files.Ask;
import sluice.proxy.files.Found;
import sluice.proxy.files.PublicFiles;
import sluice.proxy.files.Reply;
import sluice.proxy.files.Source;
import sluice.proxy.files.Wanted;
import sluice.proxy.upstream.Octets;

/**
 * Looks for the file that a request is for, and sends it: at once from memory, else part by part as the client takes it. Confined to
 * its event loop; the disk is left to the threads of {@link PublicFiles}.
 */
final class FileAnswer {
    private static final Logger log = LoggerFactory.getLogger(FileAnswer.class);
    private static final int PART = 64 << 10;

    private static final byte[] ACCEPT_ENCODING = Octets.of("accept-encoding");
    private static final byte[] IF_MATCH = Octets.of("if-match");
    private static final byte[] IF_NONE_MATCH = Octets.of("if-none-match");
    private static final byte[] IF_MODIFIED_SINCE = Octets.of("if-modified-since");
    private static final byte[] IF_UNMODIFIED_SINCE = Octets.of("if-unmodified-since");
    private static final byte[] IF_RANGE = Octets.of("if-range");
    private static final byte[] RANGE = Octets.of("range");

    private final RequestPath path;
    private final Front front;
    private final LocalFiles owner;
    private final Exchange exchange;

    /** Grows with every request, so that what was asked for an earlier one is known by it. */
    private long turn;

    private @Nullable Reply reply;
    private int piece;
    private long sent;
    private boolean reading;

    FileAnswer(RequestPath path, Front front, LocalFiles owner, Exchange exchange) {
        this.path = path;
        this.front = front;
        this.owner = owner;
        this.exchange = exchange;
    }

    /** Looks for the file, and sends it or says that there is none; perhaps within this call. */
    void start(PublicFiles files, Wanted wanted, RequestHead head) {
        long mine = ++turn;
        Ask ask = ask(head);
        Found known = files.known(wanted, ask);
        if (known != null) {
            found(known);
            return;
        }
        front.deadline(path.limits().upstreamRead());
        files.find(wanted, ask, path.loop(), found -> {
            Reply late = found.reply();
            if (mine == turn) {
                found(found);
            } else if (late != null && late.source() != null) {
                late.source().close();
            }
        });
    }

    /** Finds out whether there is such a file, and sends nothing; perhaps within this call. */
    void lookFor(PublicFiles files, Wanted wanted) {
        long mine = ++turn;
        Boolean known = files.knownToExist(wanted);
        if (known != null) {
            owner.lookedFor(known);
            return;
        }
        front.deadline(path.limits().upstreamRead());
        files.lookFor(wanted, path.loop(), exists -> {
            if (mine == turn) {
                front.noDeadline();
                owner.lookedFor(exists);
            }
        });
    }

    private Ask ask(RequestHead head) {
        return new Ask(
                head.headMethod(),
                head.minor() == 1,
                front.tls(),
                value(head, ACCEPT_ENCODING),
                value(head, IF_MATCH),
                value(head, IF_NONE_MATCH),
                value(head, IF_MODIFIED_SINCE),
                value(head, IF_UNMODIFIED_SINCE),
                value(head, IF_RANGE),
                value(head, RANGE));
    }

    /** The values of all fields of a name as one list (RFC 9110 section 5.3), or null. */
    private static @Nullable String value(RequestHead head, byte[] name) {
        int field = head.find(name, 0);
        if (field < 0) {
            return null;
        }
        String value = head.value(field);
        for (int more = head.find(name, field + 1); more >= 0; more = head.find(name, more + 1)) {
            value = value + ", " + head.value(more);
        }
        return value;
    }

    private void found(Found found) {
        front.noDeadline();
        Reply r = found.reply();
        if (r == null) {
            owner.missing();
        } else if (r.error()) {
            owner.refused(r.status(), r.fields());
        } else {
            begin(r);
        }
    }

    private void begin(Reply r) {
        reply = r;
        piece = 0;
        sent = 0;
        reading = false;
        byte[] content = r.content();
        String head = head(r);
        int size = head.length();
        if (content != null) {
            for (Reply.Piece p : r.pieces()) {
                size += p.before().length() + (int) p.length();
            }
        }
        ByteBuf first = path.alloc().directBuffer(size);
        first.writeCharSequence(head, StandardCharsets.ISO_8859_1);
        if (content != null) {
            for (Reply.Piece p : r.pieces()) {
                first.writeCharSequence(p.before(), StandardCharsets.ISO_8859_1);
                first.writeBytes(content, (int) p.from(), (int) p.length());
            }
        }
        front.answer(first);
        if (r.source() == null) {
            piece = r.pieces().size();
        }
        front.flush();
        goOn();
    }

    private String head(Reply r) {
        RequestHead request = front.head();
        String reason = switch (r.status()) {
            case 206 -> "206 Partial Content\r\n";
            case 304 -> "304 Not Modified\r\n";
            default -> "200 OK\r\n";
        };
        String connection = "";
        if (!exchange.keepAlive()) {
            connection = "Connection: close\r\n";
        } else if (request != null && request.minor() == 0) {
            connection = "Connection: keep-alive\r\n";
        }
        return "HTTP/1.1 " + reason + r.fields() + connection + "\r\n";
    }

    /** Sends what is left, if the client takes it. The answer is over when it is written and the client has taken most of it. */
    private void goOn() {
        Reply r = reply;
        if (r == null || reading) {
            return;
        }
        if (!front.writable()) {
            front.deadline(path.limits().clientIdle());
            return;
        }
        if (piece == r.pieces().size()) {
            end();
            exchange.served(r.status());
            return;
        }
        read(r, r.pieces().get(piece));
    }

    private void read(Reply r, Reply.Piece p) {
        Source source = r.source();
        if (source == null) {
            throw new IllegalStateException("nothing to read from");
        }
        int before = sent == 0 ? p.before().length() : 0;
        int n = (int) Math.min(PART, p.length() - sent);
        ByteBuf data = path.alloc().directBuffer(before + n);
        if (before > 0) {
            data.writeCharSequence(p.before(), StandardCharsets.ISO_8859_1);
        }
        long at = p.from() + sent;
        long mine = turn;
        reading = true;
        front.deadline(path.limits().upstreamRead());
        source.read(data.nioBuffer(before, n), at, path.loop(), failure -> {
            if (mine != turn) {
                data.release();
                return;
            }
            reading = false;
            if (failure != null) {
                data.release();
                failed(failure);
                return;
            }
            data.writerIndex(before + n);
            sent += n;
            if (sent == p.length()) {
                piece++;
                sent = 0;
            }
            front.write(data);
            front.flush();
            goOn();
        });
    }

    private void failed(IOException failure) {
        log.warn("a file could not be sent to its end: {}", failure.toString());
        front.abort();
    }

    boolean begun() {
        return reply != null;
    }

    void clientWritable() {
        goOn();
    }

    void timeout() {
        if (reply == null) {
            turn++;
            owner.refused(500, "");
        } else {
            front.abort();
        }
    }

    /** The answer is over, or nobody wants it any more. */
    void end() {
        turn++;
        Reply r = reply;
        reply = null;
        if (r != null && r.source() != null) {
            r.source().close();
        }
    }
}
