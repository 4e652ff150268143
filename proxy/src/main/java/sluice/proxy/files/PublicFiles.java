package sluice.proxy.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.Side;

/**
 * The site's public folder. Everything that touches the disk is done by threads of its own; what they found is known for a second,
 * and until then a request for it is answered by whoever asks. May be used from any thread.
 */
public final class PublicFiles implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PublicFiles.class);

    /** As many as can wait for a disk at a time. */
    private static final int THREADS = 2;

    private static final int MOST_KNOWN = 4096;
    private static final int TRIES = 3;
    private static final long FRESH = TimeUnit.SECONDS.toNanos(1);

    private final Side side;
    private final Duration standIn;
    private final Folder folder;
    private final List<Place> places;
    private final Replies replies;
    private final Known known = new Known(MOST_KNOWN);
    private final Contents contents;
    private final LongSupplier nanoClock;
    private final ScheduledThreadPoolExecutor threads;
    private final FromMemory fromMemory = new FromMemory();
    private final FromDisk fromDisk = new FromDisk();
    private volatile TopNames top;
    private long folderChanged;

    /**
     * Reads the folder's own names; this blocks.
     *
     * @param root the folder; may be missing at times
     * @param nanoClock such as {@link System#nanoTime}
     * @param clock for the Date of answers
     */
    public PublicFiles(
            Path root,
            ProxyConfig.Preset preset,
            ProxyConfig.Files config,
            LongSupplier nanoClock,
            InstantSource clock) {
        this.side = Side.valueOf(config.side().toUpperCase(Locale.ROOT));
        this.standIn = config.otherSide();
        this.folder = new Folder(root, config.links());
        this.places = Place.of(preset);
        this.replies = new Replies(clock, config.hsts(), config.gzip());
        this.contents = new Contents(config.cache());
        this.nanoClock = nanoClock;
        this.folderChanged = folder.changed();
        this.top = names();
        AtomicInteger number = new AtomicInteger();
        this.threads = new ScheduledThreadPoolExecutor(THREADS, task -> {
            Thread thread = new Thread(task, "files-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        threads.scheduleWithFixedDelay(this::refresh, 1, 1, TimeUnit.SECONDS);
    }

    private TopNames names() {
        List<String> names = new ArrayList<>(folder.names());
        for (Place place : places) {
            if (place.always()) {
                names.add(place.prefix().substring(1, place.prefix().length() - 1));
            }
        }
        return new TopNames(names);
    }

    private void refresh() {
        try {
            folder.follow();
            long changed = folder.changed();
            // A change within the clock's last tick would be missed if only the difference counted.
            if (changed != folderChanged || System.currentTimeMillis() - changed < TimeUnit.SECONDS.toMillis(5)) {
                folderChanged = changed;
                top = names();
            }
        } catch (RuntimeException e) {
            // Else there would be no refresh any more.
            log.error("the names in the public folder could not be read; they are in a second", e);
        }
    }

    /** The side whose files these are. */
    public Side side() {
        return side;
    }

    /** How long after a flip they stand in for what the other side's site has not got, and the other way round. */
    public Duration standIn() {
        return standIn;
    }

    /** Links in the folder that are not followed; the configuration can allow them. */
    public List<Path> forbiddenLinks() {
        return folder.links();
    }

    /**
     * What a path would be as a file. Allocates nothing for a path that cannot be one.
     *
     * @param head the bytes of a request head
     * @param start where the path starts
     * @param end one past its last byte, without a query
     * @return null when no file can be there
     */
    public @Nullable Wanted wanted(byte[] head, int start, int end) {
        if (!top.mayHave(head, start, end)) {
            return null;
        }
        Wanted wanted = named(head, start, end);
        return wanted == null ? nameless(head, start, end) : wanted;
    }

    /** As {@link #wanted}, but also for what may have been put there within the last second. */
    public @Nullable Wanted named(byte[] head, int start, int end) {
        String name = FileName.of(head, start, end);
        if (name == null) {
            return null;
        }
        for (Place place : places) {
            if (place.has(name)) {
                return new Wanted(name, place);
            }
        }
        return null;
    }

    /** No name: where only files are, that means that there is none. */
    private @Nullable Wanted nameless(byte[] head, int start, int end) {
        for (Place place : places) {
            if (place.miss() == Place.Miss.NOWHERE && place.hasRaw(head, start, end)) {
                return new Wanted(place.prefix(), place);
            }
        }
        return null;
    }

    /** The answer if it can be given without waiting, else null: {@link #find} then. */
    public @Nullable Found known(Wanted wanted, Ask ask) {
        Resource resource = known.get(wanted.name());
        if (resource == null || nanoClock.getAsLong() - resource.checked() > FRESH) {
            return null;
        }
        try {
            return answer(wanted, ask, resource, fromMemory);
        } catch (IOException e) {
            throw new IllegalStateException("nothing was read", e);
        }
    }

    /**
     * Looks for a file.
     *
     * @param where {@code then} is called
     * @param then has to close the {@link Source} that may be in the answer
     */
    public void find(Wanted wanted, Ask ask, Executor where, Consumer<Found> then) {
        threads.execute(() -> {
            Found found = look(wanted, ask);
            where.execute(() -> then.accept(found));
        });
    }

    /** Whether there is such a file, or null if that cannot be said without waiting: {@link #lookFor} then. */
    public @Nullable Boolean knownToExist(Wanted wanted) {
        Resource resource = known.get(wanted.name());
        if (resource == null || nanoClock.getAsLong() - resource.checked() > FRESH) {
            return null;
        }
        return !resource.missing();
    }

    /**
     * Finds out whether there is such a file; one that cannot be looked for is not there.
     *
     * @param where {@code then} is called
     */
    public void lookFor(Wanted wanted, Executor where, Consumer<Boolean> then) {
        threads.execute(() -> {
            boolean exists = false;
            try {
                exists = !resource(wanted.name(), false).missing();
            } catch (RuntimeException e) {
                log.error("looking for {} met a fault", wanted.name(), e);
            }
            boolean is = exists;
            where.execute(() -> then.accept(is));
        });
    }

    /** What lies under a name: what is known of it, or what is found now. */
    private Resource resource(String name, boolean anew) {
        Resource resource = known.get(name);
        long now = nanoClock.getAsLong();
        if (anew || resource == null || now - resource.checked() > FRESH) {
            Stored plain = folder.find(name);
            resource = plain == null
                    ? new Resource(now, null, null, null)
                    : new Resource(now, plain, sibling(name, Coding.GZIP), sibling(name, Coding.BROTLI));
            known.put(name, resource);
        }
        return resource;
    }

    private Found look(Wanted wanted, Ask ask) {
        String name = wanted.name();
        try {
            for (int i = 0; i < TRIES; i++) {
                try {
                    Found found = answer(wanted, ask, resource(name, i > 0), fromDisk);
                    if (found != null) {
                        return found;
                    }
                } catch (Folder.Changed | java.nio.file.NoSuchFileException e) {
                    log.debug("{}: looking again", e.getMessage());
                }
            }
            return Found.NOTHING;
        } catch (AccessDeniedException e) {
            log.debug("this user may not read {}", e.getMessage());
            return new Found(Reply.without(403, ""));
        } catch (IOException e) {
            log.warn("{} cannot be read: {}", name, e.toString());
            return new Found(Reply.without(500, ""));
        } catch (RuntimeException | Error e) {
            log.error("looking for {} met a fault", name, e);
            return new Found(Reply.without(500, ""));
        }
    }

    private @Nullable Stored sibling(String name, Coding coding) {
        return folder.find(name + coding.suffix());
    }

    private @Nullable Found answer(Wanted wanted, Ask ask, Resource resource, Replies.Contents from)
            throws IOException {
        Stored plain = resource.plain();
        if (plain == null) {
            return Found.NOTHING;
        }
        Reply reply = replies.make(wanted.name(), wanted.place(), resource, plain, ask, from);
        return reply == null ? null : new Found(reply);
    }

    /** Ends the threads; whoever waits for an answer gets none. To be called when nobody asks any more. */
    @Override
    public void close() {
        threads.shutdownNow();
    }

    private final class FromMemory implements Replies.Contents {
        @Override
        public byte @Nullable [] small(Stored file, boolean zipped) {
            return contents.get(new Contents.Key(file, zipped));
        }

        @Override
        public @Nullable Source large(Stored file) {
            return null;
        }
    }

    private final class FromDisk implements Replies.Contents {
        @Override
        public byte[] small(Stored file, boolean zipped) throws IOException {
            Contents.Key key = new Contents.Key(file, zipped);
            byte[] content = contents.get(key);
            if (content == null) {
                byte[] read = folder.read(file);
                content = zipped ? Compressible.zipped(read) : read;
                contents.put(key, content);
            } else {
                contents.touch(key);
            }
            return content;
        }

        @Override
        public Source large(Stored file) throws IOException {
            FileChannel channel = folder.open(file);
            return new Source(channel, threads);
        }
    }
}
