package sluice.proxy.http;

import org.jspecify.annotations.Nullable;
import sluice.proxy.files.Place;
import sluice.proxy.files.PublicFiles;
import sluice.proxy.files.Wanted;
import sluice.proxy.route.Preview;
import sluice.proxy.route.Side;
import sluice.proxy.upstream.Octets;

/**
 * When an {@link Exchange} answers with a file of this host. While the side is active whose files they are, or a preview sends the
 * request there, a file comes before the site; else the other side's site is asked first, and for some time after a flip a file here
 * stands in for what it has not got: what users uploaded may not have been copied yet ({@link OtherSide}). What comes with a version
 * of the site and never changes under its name is looked for here first all the same, but not in a preview. Where the files' own side
 * is active and has not got an upload, the other side's site is asked, for as long: the one request that goes to a side that is not
 * active. Files do not ask the gate: they are reads. Confined to its event loop.
 */
final class LocalFiles {
    private static final byte[] VIA = Octets.of("via");
    private static final byte[] SELF = Octets.of("sluice");

    /** Where to go on when a site has said 404. */
    enum Next {
        /** Nowhere: 404 it is. */
        NOWHERE,
        HERE,
        OTHER_SIDE
    }

    private final RequestPath path;
    private final Front front;
    private final Exchange exchange;
    private final PublicFiles files;
    private final FileAnswer answer;

    private @Nullable Wanted wanted;
    /** Whether the request is for the side whose files these are. */
    private boolean ours;
    /** Whether the site is asked before the file is sent, and the file only looked for. */
    private boolean siteFirst;
    /** Whether there is a file to stand in. */
    private boolean here;
    /** Whether nobody is left to be asked. */
    private boolean last;

    LocalFiles(RequestPath path, Front front, Exchange exchange, PublicFiles files) {
        this.path = path;
        this.front = front;
        this.exchange = exchange;
        this.files = files;
        this.answer = new FileAnswer(path, front, this, exchange);
    }

    /** Whether a file is to be looked for before the site is asked; begins a new request. */
    boolean first(RequestHead head) {
        last = false;
        here = false;
        Wanted w = head.getOrHead() ? files.wanted(head.bytes(), head.pathStart(), head.pathEnd()) : null;
        wanted = w;
        if (w == null) {
            return false;
        }
        Preview preview = path.gate().preview();
        boolean previewed = preview != null && path.previewMarks().fit(preview, head, front);
        Side side = preview != null && previewed
                ? preview.side()
                : path.gate().routing().active();
        ours = side == files.side();
        siteFirst = !ours && (previewed || w.place().miss() != Place.Miss.NOWHERE);
        if (!ours && !previewed && !path.otherSide().standsIn()) {
            wanted = null;
            return false;
        }
        return true;
    }

    /** Looks for the file before anybody else is asked. */
    void start(RequestHead head) {
        if (siteFirst) {
            answer.lookFor(files, wanted());
        } else {
            answer.start(files, wanted(), head);
        }
    }

    /** Sends the file, after everybody else was asked. */
    void startLast(RequestHead head) {
        last = true;
        answer.start(files, wanted(), head);
    }

    private Wanted wanted() {
        Wanted w = wanted;
        if (w == null) {
            throw new IllegalStateException("no file is wanted");
        }
        return w;
    }

    /** The file was only looked for. */
    void lookedFor(boolean exists) {
        here = exists;
        exchange.askSite();
    }

    /** There is no such file here. */
    void missing() {
        if (last || (ours && wanted().place().miss() == Place.Miss.NOWHERE)) {
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
    Next afterMiss(RequestHead head) {
        Wanted w = wanted;
        if (w == null || last) {
            return Next.NOWHERE;
        }
        if (!ours) {
            return here ? Next.HERE : Next.NOWHERE;
        }
        boolean elsewhere = w.place().miss() == Place.Miss.EITHER_SITE
                && path.otherSide().standsIn()
                && path.otherSide().answers()
                && !wasElsewhere(head);
        return elsewhere ? Next.OTHER_SIDE : Next.NOWHERE;
    }

    /** Where the other side is another Sluice, which looks for files on this one, a request would go round for ever. */
    static boolean wasElsewhere(RequestHead head) {
        for (int f = head.find(VIA, 0); f >= 0; f = head.find(VIA, f + 1)) {
            if (Octets.contains(head.bytes(), head.valueStart(f), head.valueEnd(f), SELF)) {
                return true;
            }
        }
        return false;
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
