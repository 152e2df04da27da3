package io.hourledger.ledger.instance;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * When usage can be drawn from a package: from its opening to its release, but for the times in which it was frozen or had expired. Each of
 * the two ends by its own call, whatever comes in which order.
 *
 * @param drawable the times in which usage is drawn from it, in order; the latest {@value #SPANS_STORED}
 * @param stops why nothing is drawn from it now
 * @param renewedBy the latest order that renewed it; null if none did
 * @param releasedAt null while it lives
 */
public record PackageLife(
        Instant openedAt,
        List<Span> drawable,
        Set<Stop> stops,
        @Nullable String renewedBy,
        @Nullable Instant releasedAt) {

    /** Usage of older times is withheld; no marketplace freezes a package that often within the 21 days that it takes records of. */
    static final int SPANS_STORED = 20;

    public PackageLife {
        drawable = List.copyOf(drawable);
        stops = Set.copyOf(stops);
    }

    /** Why nothing is drawn from a package that has not ended. The labels are kept in snapshots and never change. */
    public enum Stop {
        FROZEN,
        EXPIRED;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Stop labelled(String label) {
            return valueOf(label.toUpperCase(Locale.ROOT));
        }
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
        return new PackageLife(openedAt, List.of(new Span(openedAt, null)), Set.of(), null, null);
    }

    /** Of one of which no more is known than that nothing can be drawn from it any more. */
    static PackageLife over() {
        return new PackageLife(Instant.EPOCH, List.of(), Set.of(), null, Instant.EPOCH);
    }

    boolean isReleased() {
        return releasedAt != null;
    }

    /** Whether it has not ended, and nothing is drawn from it now. */
    boolean isStopped() {
        return !isReleased() && !stops.isEmpty();
    }

    boolean isStopped(Stop stop) {
        return !isReleased() && stops.contains(stop);
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

    PackageLife stopped(Stop stop, Instant at) {
        Set<Stop> now = EnumSet.of(stop);
        now.addAll(stops);
        return new PackageLife(openedAt, endedAt(at), now, renewedBy, releasedAt);
    }

    /** It is drawn from again once nothing else stops it. */
    PackageLife resumed(Stop stop, Instant at) {
        Set<Stop> now = EnumSet.noneOf(Stop.class);
        now.addAll(stops);
        if (!now.remove(stop) || !now.isEmpty()) {
            return new PackageLife(openedAt, drawable, now, renewedBy, releasedAt);
        }
        List<Span> spans = new ArrayList<>(drawable);
        Instant lastEnd = spans.isEmpty()
                ? openedAt
                : Objects.requireNonNull(spans.getLast().to());
        spans.add(new Span(at.isAfter(lastEnd) ? at : lastEnd, null));
        return new PackageLife(
                openedAt,
                spans.size() > SPANS_STORED ? spans.subList(1, spans.size()) : spans,
                now,
                renewedBy,
                releasedAt);
    }

    PackageLife renewed(String orderId, Instant at) {
        PackageLife resumed = resumed(Stop.EXPIRED, at);
        return new PackageLife(openedAt, resumed.drawable, resumed.stops, orderId, releasedAt);
    }

    PackageLife released(Instant at) {
        return new PackageLife(openedAt, endedAt(at), stops, renewedBy, at);
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
