package io.hourledger.contracts.scan;

import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageEventReader;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Readers of events by the same versions of the catalogue, for many threads. An {@link EventReader} belongs to one thread at a time, and is
 * lent. Safe for many threads.
 */
public final class EventReaders {

    /** More are made when they are asked for, and forgotten afterwards. */
    private static final int MOST_IDLE = 64;

    private final VersionMeters meters;
    private final UsageEventReader parser;
    private final Queue<EventReader> idle = new ArrayBlockingQueue<>(MOST_IDLE);

    public EventReaders(CatalogueVersions versions) {
        this.meters = VersionMeters.of(versions);
        this.parser = new UsageEventReader(versions);
    }

    /** The full parser, which all may use at once. */
    public UsageEventReader parser() {
        return parser;
    }

    /** A reader for the thread that calls, until it gives it back. */
    public EventReader lend() {
        EventReader known = idle.poll();
        return known == null ? new EventReader(meters, parser, true) : known;
    }

    /** It forgets the event that it read last, which would hold a whole body. */
    public void giveBack(EventReader reader) {
        reader.forget();
        idle.offer(reader); // one that finds no place is not needed
    }
}
