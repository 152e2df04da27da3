package io.hourledger.ledger.instance;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * When usage can be drawn from a package: from its opening to its release, but for the times in which it was frozen.
 *
 * @param drawable the times in which usage is drawn from it, in order; the latest {@value #SPANS_STORED}
 * @param releasedAt null while it lives
 */
public record PackageLife(Instant openedAt, List<Span> drawable, @Nullable Instant releasedAt) {

    /** Usage of older times is withheld; no marketplace freezes a package that often within the 21 days that it takes records of. */
    static final int SPANS_STORED = 20;

    public PackageLife {
        drawable = List.copyOf(drawable);
    }

    /**
     * {@code [from, to)}.
     *
     * @param to null while it lasts
     */
    public record Span(Instant from, @Nullable Instant to) {

        boolean contains(Instant moment) {
            return !moment.isBefore(from) && (to == null || moment.isBefore(to));
        }
    }

    static PackageLife from(Instant openedAt) {
        return new PackageLife(openedAt, List.of(new Span(openedAt, null)), null);
    }

    /** Of one of which no more is known than that nothing can be drawn from it any more. */
    static PackageLife over() {
        return new PackageLife(Instant.EPOCH, List.of(), Instant.EPOCH);
    }

    boolean isReleased() {
        return releasedAt != null;
    }

    boolean isFrozen() {
        return !isReleased() && (drawable.isEmpty() || drawable.getLast().to() != null);
    }

    boolean covers(Instant moment) {
        return drawable.stream().anyMatch(span -> span.contains(moment));
    }

    /** The moments at which drawing from it begins or ends. */
    SortedSet<Instant> boundaries() {
        SortedSet<Instant> boundaries = new TreeSet<>();
        for (Span span : drawable) {
            boundaries.add(span.from());
            if (span.to() != null) {
                boundaries.add(span.to());
            }
        }
        return boundaries;
    }

    PackageLife frozen(Instant at) {
        return new PackageLife(openedAt, endedAt(at), releasedAt);
    }

    PackageLife unfrozen(Instant at) {
        List<Span> spans = new ArrayList<>(drawable);
        Instant lastEnd = spans.isEmpty()
                ? openedAt
                : Objects.requireNonNull(spans.getLast().to());
        spans.add(new Span(at.isAfter(lastEnd) ? at : lastEnd, null));
        return new PackageLife(
                openedAt, spans.size() > SPANS_STORED ? spans.subList(1, spans.size()) : spans, releasedAt);
    }

    PackageLife released(Instant at) {
        return new PackageLife(openedAt, endedAt(at), at);
    }

    /** What lasts ends; what was over stays over. */
    private List<Span> endedAt(Instant at) {
        List<Span> spans = new ArrayList<>(drawable);
        if (spans.isEmpty() || spans.getLast().to() != null) {
            return spans;
        }
        Span last = spans.removeLast();
        if (at.isAfter(last.from())) {
            spans.add(new Span(last.from(), at));
        }
        return spans;
    }
}
