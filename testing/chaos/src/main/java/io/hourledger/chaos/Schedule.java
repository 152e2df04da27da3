package io.hourledger.chaos;

import static io.hourledger.chaos.StackPart.AGGREGATOR_1;
import static io.hourledger.chaos.StackPart.AGGREGATOR_2;
import static io.hourledger.chaos.StackPart.BROKER;
import static io.hourledger.chaos.StackPart.DATABASE;
import static io.hourledger.chaos.StackPart.INGEST_1;
import static io.hourledger.chaos.StackPart.INGEST_2;
import static io.hourledger.chaos.StackPart.PUSHER;
import static io.hourledger.chaos.StackPart.SIMULATOR;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong and when. A function of seed and length alone: the same seed gives the same schedule on any machine; what the processes
 * make of it is their own.
 */
record Schedule(List<PlannedFault> disturbances) {

    /** Reckoned from the end of a disturbance; the next one of the same part comes no earlier. */
    private static final Duration START_UP = Duration.ofSeconds(8);

    /** After the broker was away, senders and consumers get this long before it goes again, so that no event can become late. */
    private static final Duration BROKER_REST = Duration.ofSeconds(20);

    private static final Duration LONGEST_FREEZE = Duration.ofSeconds(15);
    private static final Duration FIRST = Duration.ofSeconds(2);
    private static final Duration PAUSE_AT_LEAST = Duration.ofMillis(2_500);
    private static final int PAUSE_VARIES_MILLIS = 4_000;
    private static final int DRAWS = 50;

    /** Shares of the draw; what the issue names comes often, what is rarer in life is rarer here. */
    private static final List<Choice> CHOICES = List.of(
            new Choice(4, KillMode.KILL, AGGREGATOR_1),
            new Choice(4, KillMode.KILL, AGGREGATOR_2),
            new Choice(1, KillMode.KILL, AGGREGATOR_1, AGGREGATOR_2),
            new Choice(3, KillMode.FREEZE, AGGREGATOR_1),
            new Choice(3, KillMode.FREEZE, AGGREGATOR_2),
            new Choice(1, KillMode.RESTART, AGGREGATOR_1),
            new Choice(1, KillMode.RESTART, AGGREGATOR_2),
            new Choice(3, KillMode.KILL, INGEST_1),
            new Choice(3, KillMode.KILL, INGEST_2),
            new Choice(1, KillMode.RESTART, INGEST_1),
            new Choice(4, KillMode.KILL, PUSHER),
            new Choice(2, KillMode.FREEZE, PUSHER),
            new Choice(3, KillMode.KILL, SIMULATOR),
            new Choice(2, KillMode.RESTART, BROKER),
            new Choice(2, KillMode.KILL, BROKER),
            new Choice(2, KillMode.RESTART, DATABASE),
            new Choice(2, KillMode.KILL, DATABASE),
            new Choice(2, KillMode.KILL, BROKER, DATABASE));

    private static final List<Choice> SKEWS =
            List.of(new Choice(1, KillMode.SKEW, AGGREGATOR_1), new Choice(1, KillMode.SKEW, AGGREGATOR_2));

    private static final Duration FIRST_SKEW = Duration.ofSeconds(40);
    private static final Duration BETWEEN_SKEWS = Duration.ofSeconds(80);
    private static final int SKEW_VARIES_MILLIS = 40_000;
    private static final Duration SKEW_LASTS = Duration.ofSeconds(2);
    private static final Duration SKEWS_END_BEFORE = Duration.ofSeconds(30);

    private static final List<StackPart> PUSHERS = List.of(StackPart.PUSHER, StackPart.PUSHER_2, StackPart.PUSHER_3);
    private static final List<KillMode> PUSHER_MODES = List.of(KillMode.KILL, KillMode.FREEZE, KillMode.RESTART);
    private static final Duration PUSHER_FREEZE = Duration.ofSeconds(5);
    private static final Duration BETWEEN_PUSHERS = Duration.ofSeconds(8);
    private static final Duration PUSHERS_END_BEFORE = Duration.ofSeconds(10);

    /** The draw for a run; {@code wanted} leaves only some kinds in, to look for one thing at a time. */
    static Schedule of(long seed, Duration length, Predicate<Choice> wanted) {
        Random random = new Random(seed);
        List<Choice> choices = CHOICES.stream().filter(wanted).toList();
        Map<StackPart, Duration> freeFrom = new EnumMap<>(StackPart.class);
        List<PlannedFault> drawn = new ArrayList<>();
        Duration at = FIRST;
        while (!choices.isEmpty() && at.compareTo(length) < 0) {
            PlannedFault next = draw(random, choices, at, length, freeFrom);
            if (next != null) {
                drawn.add(next);
                next.parts().forEach(part -> freeFrom.put(part, endOf(next).plus(restOf(part))));
            }
            at = at.plus(PAUSE_AT_LEAST).plusMillis(random.nextInt(PAUSE_VARIES_MILLIS));
        }
        drawn.addAll(skews(seed, length, wanted));
        drawn.sort(Comparator.comparing(PlannedFault::at));
        return new Schedule(List.copyOf(drawn));
    }

    /** Pushers alone are killed, frozen for longer than a lease, and stopped, one of three at a time. */
    static Schedule ofPushers(long seed, Duration length) {
        Random random = new Random(seed);
        List<PlannedFault> drawn = new ArrayList<>();
        Duration at = FIRST;
        while (at.compareTo(length.minus(PUSHERS_END_BEFORE)) < 0) {
            KillMode manner = PUSHER_MODES.get(random.nextInt(PUSHER_MODES.size()));
            StackPart part = PUSHERS.get(random.nextInt(PUSHERS.size()));
            Duration lasts = manner == KillMode.FREEZE
                    ? PUSHER_FREEZE.plusMillis(random.nextInt(PAUSE_VARIES_MILLIS))
                    : Duration.ofMillis(1_000 + random.nextInt(2_000));
            drawn.add(new PlannedFault(at, manner, List.of(part), lasts));
            at = at.plus(BETWEEN_PUSHERS).plusMillis(random.nextInt(2 * PAUSE_VARIES_MILLIS));
        }
        return new Schedule(List.copyOf(drawn));
    }

    /** Drawn for themselves, so that they change nothing of the other draws; each waits until its part is free. */
    private static List<PlannedFault> skews(long seed, Duration length, Predicate<Choice> wanted) {
        List<Choice> choices = SKEWS.stream().filter(wanted).toList();
        List<PlannedFault> drawn = new ArrayList<>();
        if (choices.isEmpty()) {
            return drawn;
        }
        Random random = new Random(~seed);
        Duration at = FIRST_SKEW;
        while (at.compareTo(length.minus(SKEWS_END_BEFORE)) < 0) {
            Choice next = choices.get(random.nextInt(choices.size()));
            drawn.add(new PlannedFault(at, next.manner, next.parts, SKEW_LASTS));
            at = at.plus(BETWEEN_SKEWS).plusMillis(random.nextInt(SKEW_VARIES_MILLIS));
        }
        return drawn;
    }

    private static @Nullable PlannedFault draw(
            Random random, List<Choice> choices, Duration at, Duration length, Map<StackPart, Duration> freeFrom) {
        int shares = choices.stream().mapToInt(Choice::share).sum();
        for (int i = 0; i < DRAWS; i++) {
            int drawn = random.nextInt(shares);
            int sum = 0;
            for (Choice choice : choices) {
                sum += choice.share;
                if (drawn < sum) {
                    if (isFree(choice, at, freeFrom) && endsInTime(choice, at, length)) {
                        return new PlannedFault(at, choice.manner, choice.parts, lengthOf(choice, random));
                    }
                    break;
                }
            }
        }
        return null;
    }

    private static boolean isFree(Choice choice, Duration at, Map<StackPart, Duration> freeFrom) {
        Set<StackPart> needed = new HashSet<>(choice.parts);
        // one of the two ingests is always meant to be up, else an outage of ingest would add to one of the broker's
        if (needed.contains(INGEST_1) || needed.contains(INGEST_2)) {
            needed.addAll(Set.of(INGEST_1, INGEST_2));
        }
        return needed.stream()
                .allMatch(part -> freeFrom.getOrDefault(part, Duration.ZERO).compareTo(at) <= 0);
    }

    /** A run does not end with a frozen process that everybody then waits for. */
    private static boolean endsInTime(Choice choice, Duration at, Duration length) {
        return choice.manner != KillMode.FREEZE || at.plus(LONGEST_FREEZE).compareTo(length) <= 0;
    }

    private static Duration lengthOf(Choice choice, Random random) {
        return choice.manner == KillMode.FREEZE
                ? Duration.ofMillis(12_000 + random.nextInt(3_000))
                : Duration.ofMillis(1_000 + random.nextInt(2_000));
    }

    private static Duration endOf(PlannedFault disturbance) {
        return disturbance.at().plus(disturbance.lasts());
    }

    private static Duration restOf(StackPart part) {
        return part == BROKER ? BROKER_REST : START_UP;
    }

    /** One kind of disturbance and its share of the draw. */
    record Choice(int share, KillMode manner, List<StackPart> parts) {

        Choice(int share, KillMode manner, StackPart... parts) {
            this(share, manner, List.of(parts));
        }
    }
}
