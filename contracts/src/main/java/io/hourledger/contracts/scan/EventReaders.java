package io.hourledger.contracts.scan;

import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageEventReader;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Readers of events by the same versions of the catalogue, for many threads. An {@link EventReader} belongs to one thread at a time, and is
 * lent. Safe for many threads.
 */
public final class EventReaders {

    private final CatalogueVersions versions;
    private final UsageEventReader parser;
    private final Deque<EventReader> idle = new ConcurrentLinkedDeque<>();

    public EventReaders(CatalogueVersions versions) {
        this.versions = versions;
        this.parser = new UsageEventReader(versions);
    }

    /** The full parser, which all may use at once. */
    public UsageEventReader parser() {
        return parser;
    }

    /** A reader for the thread that calls, until it gives it back. The one that was used last comes first, as it knows the latest forms of events. */
    public EventReader lend() {
        EventReader known = idle.pollFirst();
        return known == null ? EventReader.of(versions) : known;
    }

    public void giveBack(EventReader reader) {
        idle.addFirst(reader);
    }
}
