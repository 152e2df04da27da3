package io.hourledger.ledger.instance;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When an instance can be billed: {@code [openedAt, releasedAt)} but for the pauses in it, and only under products that are sold by use.
 *
 * @param releasedAt null while it lives
 * @param pauses in the order they began; the latest {@value #PAUSES_STORED}
 * @param pausesKnownFrom before this moment pauses were forgotten; null if none was
 * @param products which product was in force when
 */
public record Life(
        Instant openedAt,
        @Nullable Instant releasedAt,
        List<Pause> pauses,
        @Nullable Instant pausesKnownFrom,
        ProductHistory products) {

    /** An hour that needs older ones is held: the marketplace takes nothing older than 21 days anyway. */
    static final int PAUSES_STORED = 50;

    public Life {
        pauses = List.copyOf(pauses);
    }

    static Life from(Instant openedAt, Product product) {
        return new Life(openedAt, null, List.of(), null, ProductHistory.openedAs(product, openedAt));
    }

    /**
     * A time in which usage is not billable, {@code [from, to)}.
     *
     * @param to null while it lasts
     * @param reason one of {@link WithholdReason}
     */
    public record Pause(Instant from, @Nullable Instant to, String reason) {

        boolean lasts() {
            return to == null;
        }

        boolean covers(Instant moment) {
            return !moment.isBefore(from) && (to == null || moment.isBefore(to));
        }
    }

    /** A part of an hour to the exact moment, {@code [from, to)}. */
    public record Stretch(Instant from, Instant to) {

        boolean contains(Instant moment) {
            return !moment.isBefore(from) && moment.isBefore(to);
        }

        /** The whole seconds that lie wholly inside; empty if there are none. */
        Optional<UsageWindow> window() {
            Instant begin = ceiling(from);
            Instant end = to.truncatedTo(SECONDS);
            return begin.isBefore(end) ? Optional.of(new UsageWindow(begin, end)) : Optional.empty();
        }
    }

    boolean pausedBy(String reason) {
        return pauses.stream().anyMatch(pause -> pause.lasts() && pause.reason().equals(reason));
    }

    Life released(Instant at) {
        return new Life(openedAt, at, pauses, pausesKnownFrom, products);
    }

    Life paused(Instant at, String reason) {
        List<Pause> after = new ArrayList<>(pauses);
        after.add(new Pause(at, null, reason));
        Instant knownFrom = pausesKnownFrom;
        if (after.size() > PAUSES_STORED) {
            Pause forgotten = after.remove(0);
            knownFrom = forgotten.to() == null ? at : forgotten.to();
        }
        return new Life(openedAt, releasedAt, after, knownFrom, products);
    }

    Life resumed(Instant at, String reason) {
        return new Life(
                openedAt,
                releasedAt,
                pauses.stream()
                        .map(pause -> pause.lasts() && pause.reason().equals(reason)
                                ? new Pause(pause.from(), latest(at, pause.from()), reason)
                                : pause)
                        .toList(),
                pausesKnownFrom,
                products);
    }

    Life upgraded(Instant at, Product product) {
        return new Life(openedAt, releasedAt, pauses, pausesKnownFrom, products.upgraded(product, at));
    }

    /** Whether it is frozen, or was at this moment or later. */
    public boolean wasFrozenSince(Instant moment) {
        return pauses.stream()
                .anyMatch(pause -> pause.reason().equals(WithholdReason.FROZEN)
                        && (pause.to() == null || !pause.to().isBefore(moment)));
    }

    /** Whether usage of an hour is never billed, since no product was in force in it that is sold by use. */
    boolean isNeverPayPerUse(UsageHour hour) {
        return products.payPerUse(hour.start(), hour.end()).isEmpty();
    }

    /** Whether a product was in force in an hour, for a part of it at least, that is not sold by use. */
    boolean isNotAlwaysPayPerUse(UsageHour hour) {
        Instant covered = hour.start();
        for (Stretch part : products.payPerUse(hour.start(), hour.end())) {
            if (part.from().isAfter(covered)) {
                return true;
            }
            covered = part.to();
        }
        return covered.isBefore(hour.end());
    }

    /** The billable parts of an hour, in order, each under one product. */
    public List<Stretch> stretches(UsageHour hour) {
        Instant from = latest(hour.start(), openedAt);
        Instant to = releasedAt == null ? hour.end() : earliest(hour.end(), releasedAt);
        List<Stretch> stretches = products.payPerUse(from, to);
        for (Pause pause : pauses) {
            List<Stretch> rest = new ArrayList<>();
            stretches.forEach(stretch -> rest.addAll(without(stretch, pause)));
            stretches = rest;
        }
        return List.copyOf(stretches);
    }

    private static List<Stretch> without(Stretch stretch, Pause pause) {
        List<Stretch> rest = new ArrayList<>(2);
        Instant head = earliest(stretch.to(), pause.from());
        if (stretch.from().isBefore(head)) {
            rest.add(new Stretch(stretch.from(), head));
        }
        Instant tail = pause.to() == null ? stretch.to() : latest(stretch.from(), pause.to());
        if (tail.isBefore(stretch.to())) {
            rest.add(new Stretch(tail, stretch.to()));
        }
        return rest;
    }

    /**
     * Whether an hour's usage, from its first event to its last, lies in one billable part of the hour.
     *
     * @param billable {@link #stretches} of the hour, cut where its usage must be told apart
     */
    Verdict assess(UsageHour hour, EventSpan events, List<Stretch> billable, SellerPolicy policy) {
        if (isForgotten(hour)) {
            return new Verdict.Withhold(WithholdReason.LIFE_FORGOTTEN);
        }
        Instant first = events.firstEventAt();
        Instant last = events.lastEventAt();
        if (policy.usageBeforeOpened() == SellerPolicy.UsageBeforeOpened.BILL && hour.contains(openedAt)) {
            first = latest(first, openedAt);
            last = latest(last, openedAt);
        }
        boolean touched = false;
        for (Stretch stretch : billable) {
            if (stretch.contains(first) && stretch.contains(last)) {
                return stretch.window()
                        .<Verdict>map(Verdict.Bill::new)
                        .orElseGet(() -> new Verdict.Withhold(WithholdReason.NO_WHOLE_SECOND));
            }
            touched |= !stretch.from().isAfter(last) && first.isBefore(stretch.to());
        }
        return new Verdict.Withhold(touched ? WithholdReason.MIXED_HOUR : reasonOutside(first, last));
    }

    private boolean isForgotten(UsageHour hour) {
        Instant productsKnownFrom = products.knownFrom();
        return (pausesKnownFrom != null && hour.start().isBefore(pausesKnownFrom))
                || (productsKnownFrom.isAfter(openedAt) && hour.start().isBefore(productsKnownFrom));
    }

    /**
     * Whether an hour has more than one side, or two products. What a later revision of such an hour adds to each side, its own events do not tell: a value of
     * before may hide them.
     *
     * @param billable {@link #stretches} of the hour, cut where its usage must be told apart
     */
    boolean splits(UsageHour hour, List<Stretch> billable, SellerPolicy policy) {
        boolean isBilledFromItsStart =
                policy.usageBeforeOpened() == SellerPolicy.UsageBeforeOpened.BILL && hour.contains(openedAt);
        Instant from = isBilledFromItsStart ? openedAt : hour.start();
        return !billable.isEmpty() && !billable.equals(List.of(new Stretch(from, hour.end())));
    }

    /** Why usage of which no moment is billable is not. */
    private String reasonOutside(Instant first, Instant last) {
        boolean firstPayPerUse = products.isPayPerUseAt(first);
        boolean lastPayPerUse = products.isPayPerUseAt(last);
        if (!firstPayPerUse && !lastPayPerUse) {
            return WithholdReason.NOT_PAY_PER_USE;
        }
        if (last.isBefore(openedAt)) {
            return WithholdReason.BEFORE_OPENED;
        }
        if (releasedAt != null && !first.isBefore(releasedAt)) {
            return WithholdReason.AFTER_RELEASE;
        }
        if (firstPayPerUse != lastPayPerUse) {
            return WithholdReason.OUTSIDE_LIFE;
        }
        return pauses.stream()
                .filter(pause -> pause.covers(first))
                .map(Pause::reason)
                .findFirst()
                .orElse(WithholdReason.OUTSIDE_LIFE);
    }

    private static Instant ceiling(Instant moment) {
        Instant floor = moment.truncatedTo(SECONDS);
        return floor.equals(moment) ? floor : floor.plusSeconds(1);
    }

    static Instant latest(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    static Instant earliest(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    /** Whether usage is billed, and in which stretch of its hour. */
    sealed interface Verdict {
        /** All of it belongs into this stretch. */
        record Bill(UsageWindow stretch) implements Verdict {}

        record Withhold(String reason) implements Verdict {}
    }
}
