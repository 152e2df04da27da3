package io.hourledger.pusher.push;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A book in memory: it outlives the pushers of a test, and does not go back with their database. */
final class InMemorySentCallJournal implements SentCallJournal {

    private final List<Page> pages = new ArrayList<>();
    volatile boolean away;
    volatile Optional<String> notToSend = Optional.empty();
    private int first;
    /** Happens while the book is read, once. */
    Runnable meanwhile = () -> {};

    private void answer() {
        if (away) {
            throw new IllegalStateException("the book is away");
        }
    }

    @Override
    public synchronized long sent(SentCall call) {
        answer();
        pages.add(new SentPage(pages.size(), call));
        return pages.size() - 1L;
    }

    @Override
    public synchronized long settled(SettledCall call) {
        answer();
        pages.add(new SettledPage(pages.size(), call));
        return pages.size() - 1L;
    }

    @Override
    public synchronized long decided(SuspensionDecision decision) {
        answer();
        pages.add(new SuspensionPage(pages.size(), decision));
        return pages.size() - 1L;
    }

    @Override
    public synchronized Extent read(long from, Consumer<Page> reader) {
        answer();
        Runnable now = meanwhile;
        meanwhile = () -> {};
        now.run();
        pages.stream().skip(Math.max(from, first)).forEach(reader);
        return new Extent(first, pages.size());
    }

    @Override
    public Optional<String> whyNotToSend() {
        return notToSend;
    }

    /** As a topic does whose retention somebody shortened for an hour. */
    synchronized void dropAllSoFar() {
        first = pages.size();
    }

    synchronized void loseAll() {
        pages.clear();
    }
}
