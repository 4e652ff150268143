package sluice.proxy.http;

import org.jspecify.annotations.Nullable;
import sluice.proxy.files.Place;
import sluice.proxy.files.PublicFiles;
import sluice.proxy.files.Wanted;

/**
 * When an {@link Exchange} answers with a file of this host. While the side is active whose files they are, a file comes before the
 * site; while the other one is, its site is asked first and a file stands in for what it has not got. What users uploaded is looked
 * for here, then on the active side, then on the other: during a move it may be on one of them only. Files do not ask the gate: they
 * are reads. Confined to its event loop.
 */
final class LocalFiles {
    /** Where to go on when a site has said 404. */
    enum Next {
        /** Nowhere: 404 it is. */
        NOWHERE,
        HERE,
        OTHER_SIDE
    }

    private final RequestPath path;
    private final Exchange exchange;
    private final PublicFiles files;
    private final FileAnswer answer;

    private @Nullable Wanted wanted;
    /** Whether nobody is left to be asked. */
    private boolean last;

    LocalFiles(RequestPath path, Front front, Exchange exchange, PublicFiles files) {
        this.path = path;
        this.exchange = exchange;
        this.files = files;
        this.answer = new FileAnswer(path, front, this, exchange);
    }

    /** Whether a request is to be answered with a file if there is one; begins a new request. */
    boolean first(RequestHead head) {
        last = false;
        Wanted w = head.getOrHead() ? files.wanted(head.bytes(), head.pathStart(), head.pathEnd()) : null;
        wanted = w;
        return w != null && (active() || w.place().miss() != Place.Miss.SITE);
    }

    /** Whether the side is active whose files these are. */
    private boolean active() {
        return path.gate().routing().active() == files.side();
    }

    /** Looks for the file before anybody else is asked. */
    void start(RequestHead head) {
        look(head);
    }

    /** Looks for the file after everybody else was asked. */
    void startLast(RequestHead head) {
        last = true;
        look(head);
    }

    private void look(RequestHead head) {
        Wanted w = wanted;
        if (w == null) {
            throw new IllegalStateException("no file is wanted");
        }
        answer.start(files, w, head);
    }

    /** There is no such file here. */
    void missing() {
        Wanted w = wanted;
        if (last || (w != null && w.place().miss() == Place.Miss.NOWHERE && active())) {
            exchange.refused(404, "There is no such file.", "");
        } else {
            exchange.askSite();
        }
    }

    /** The file may not be had, or not in this way. */
    void refused(int status, String fields) {
        exchange.refused(
                status,
                switch (status) {
                    case 403 -> "This file is not public.";
                    case 412 -> "The file is not as the request's condition has it.";
                    case 416 -> "The file has no such range.";
                    default -> "The file cannot be read just now.";
                },
                fields);
    }

    /** A site has said 404 to the request. */
    Next afterMiss() {
        Wanted w = wanted;
        if (w == null || last) {
            return Next.NOWHERE;
        }
        return switch (w.place().miss()) {
            case SITE -> active() ? Next.NOWHERE : Next.HERE;
            case NOWHERE -> Next.NOWHERE;
            case EITHER_SITE -> Next.OTHER_SIDE;
        };
    }

    /** Whether a part of the file went to the client already. */
    boolean answering() {
        return answer.begun();
    }

    void clientWritable() {
        answer.clientWritable();
    }

    /** The disk, or the client, does not get on. */
    void timeout() {
        answer.timeout();
    }

    /** The client has gone. */
    void end() {
        answer.end();
    }
}
