package io.hourledger.simulator.usage;

import static java.time.temporal.ChronoUnit.HOURS;

import io.hourledger.simulator.usage.PushedRecord.Earlier;
import io.hourledger.simulator.usage.PushedRecord.Malformed;
import io.hourledger.simulator.usage.PushedRecord.WellFormed;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The documented rules of a record (koogallery.md, sections 1.3 to 1.7), as one pure function from what is known to what is decided. Its
 * state is one call: records of the same call are duplicates of each other like those of earlier calls.
 */
final class RecordRules {

    /** How old {@code begin_time} may be (MKT.9004). */
    static final Duration OLDEST_BEGIN = Duration.ofDays(21);

    private final Known known;
    private final Instant now;
    private final Limits limits;
    private final Map<String, List<Earlier>> bySn = new HashMap<>();
    private final Map<Window, Earlier> acceptedByWindow = new HashMap<>();
    private final Map<String, List<KnownInstance>> bundlesByBuyer = new HashMap<>();
    private final Map<String, BigDecimal> collected = new HashMap<>();

    /**
     * What the gallery knows before the call.
     *
     * @param instances those that the records name, and all stop-when-used-up packages of their buyers
     * @param earlier records that share a {@code metering_sn} with one of the call, or a window if they were accepted
     * @param overlapping those instances and windows of the call that overlap an accepted record without being equal to it
     */
    record Known(Map<String, KnownInstance> instances, List<Earlier> earlier, java.util.Set<Window> overlapping) {}

    /** What can be set. */
    record Limits(Duration clockTolerance, boolean refuseOverlaps, boolean refuseCrossingHours) {}

    /** An instance's window. */
    record Window(String instanceId, Instant begin, Instant end) {

        static Window of(WellFormed record) {
            return new Window(record.instanceId(), record.begin(), record.end());
        }
    }

    /**
     * What became of a record.
     *
     * @param code null if it was accepted
     * @param repeats whether it is an identical repeat of an accepted one
     */
    record Assessed(PushedRecord record, @Nullable RecordAnswerCode code, boolean repeats) {

        /** Seen for the first time; accepted if there is no code. */
        static Assessed first(PushedRecord record, @Nullable RecordAnswerCode code) {
            return new Assessed(record, code, false);
        }

        static Assessed repeat(PushedRecord record, RecordAnswerCode code) {
            return new Assessed(record, code, true);
        }

        boolean accepted() {
            return code == null;
        }
    }

    RecordRules(Known known, Instant now, Limits limits) {
        this.known = known;
        this.now = now;
        this.limits = limits;
        known.earlier.forEach(this::remember);
        for (KnownInstance instance : known.instances.values()) {
            if (instance.stopsWhenUsedUp() != null) {
                bundlesByBuyer
                        .computeIfAbsent(instance.buyerId(), any -> new ArrayList<>())
                        .add(instance);
                collected.put(instance.instanceId(), instance.stopsWhenUsedUp().collected());
            }
        }
    }

    /** Why the gallery refuses the whole call at once, in the answer model that has no list; null if it does not. */
    @Nullable Refusal refusal(List<PushedRecord> records) {
        Map<String, BigDecimal> before = Map.copyOf(collected);
        try {
            for (PushedRecord record : records) {
                Refusal refusal =
                        switch (record) {
                            case Malformed malformed -> malformed.refusal();
                            case WellFormed wellFormed -> refusalOf(wellFormed);
                        };
                if (refusal != null) {
                    return refusal;
                }
            }
            return null;
        } finally {
            collected.putAll(before);
        }
    }

    private @Nullable Refusal refusalOf(WellFormed record) {
        if (record.begin().isBefore(now.minus(OLDEST_BEGIN))) {
            return Refusal.beginTooOld(record.begin().toString());
        }
        KnownInstance instance = known.instances.get(record.instanceId());
        if (instance == null) {
            return Refusal.instanceNotFound(record.instanceId());
        }
        String packageId = record.packageInstanceId();
        if (packageId != null && !known.instances.containsKey(packageId)) {
            return Refusal.instanceNotFound(packageId);
        }
        RecordAnswerCode entity = wrongEntity(record, instance);
        if (entity != null) {
            return Refusal.meteringEntityInvalid("instance " + record.instanceId() + ", package " + packageId);
        }
        collect(record);
        return null;
    }

    private void collect(WellFormed record) {
        String packageId = record.packageInstanceId();
        if (packageId != null) {
            collected.merge(packageId, record.amount(), BigDecimal::add);
        }
    }

    /** Record by record, in the order of the call; the first of two duplicates wins. */
    List<Assessed> assess(List<PushedRecord> records) {
        List<Assessed> assessed = new ArrayList<>(records.size());
        for (PushedRecord record : records) {
            assessed.add(
                    switch (record) {
                        case Malformed malformed -> Assessed.first(malformed, malformed.code());
                        case WellFormed wellFormed -> assess(wellFormed);
                    });
        }
        return assessed;
    }

    private Assessed assess(WellFormed record) {
        Assessed assessed = assessAgainstEarlier(record);
        if (assessed.accepted()) {
            collect(record);
        }
        remember(Earlier.of(record, assessed.accepted()));
        return assessed;
    }

    private Assessed assessAgainstEarlier(WellFormed record) {
        boolean repeatsAccepted = false;
        for (Earlier earlier : bySn.getOrDefault(record.meteringSn(), List.of())) {
            if (!record.saysTheSameAs(earlier)) {
                return Assessed.first(record, RecordAnswerCode.ID_DUPLICATED);
            }
            repeatsAccepted |= earlier.accepted();
        }
        if (repeatsAccepted) {
            return Assessed.repeat(record, RecordAnswerCode.RECORD_DUPLICATED);
        }
        RecordAnswerCode code = brokenRule(record);
        return Assessed.first(record, code);
    }

    private @Nullable RecordAnswerCode brokenRule(WellFormed record) {
        KnownInstance instance = known.instances.get(record.instanceId());
        String packageId = record.packageInstanceId();
        if (instance == null || (packageId != null && !known.instances.containsKey(packageId))) {
            return RecordAnswerCode.INSTANCE_DOES_NOT_EXIST;
        }
        RecordAnswerCode entity = wrongEntity(record, instance);
        if (entity != null) {
            return entity;
        }
        if (record.begin().isBefore(now.minus(OLDEST_BEGIN))) {
            return RecordAnswerCode.RECORD_TIME_EXPIRED;
        }
        if (hasWrongTimes(record, instance)) {
            return RecordAnswerCode.TIME_RANGE_INVALID;
        }
        if (instance.isFrozenIn(record.begin(), record.end()) || packageCannotPay(record)) {
            return RecordAnswerCode.RESOURCE_STATE_ABNORMAL;
        }
        if (acceptedByWindow.containsKey(Window.of(record))) {
            return RecordAnswerCode.RECORD_DUPLICATED;
        }
        if (limits.refuseOverlaps && overlapsAccepted(record)) {
            return RecordAnswerCode.TIME_RANGE_INVALID;
        }
        return null;
    }

    private @Nullable RecordAnswerCode wrongEntity(WellFormed record, KnownInstance instance) {
        if (!instance.isPayPerUse()) {
            return RecordAnswerCode.NOT_PAY_PER_USE;
        }
        String packageId = record.packageInstanceId();
        if (packageId == null) {
            return needsPackage(record, instance) ? RecordAnswerCode.RESOURCE_STATE_ABNORMAL : null;
        }
        KnownInstance named = known.instances.get(packageId);
        if (named == null) {
            return RecordAnswerCode.INSTANCE_DOES_NOT_EXIST;
        }
        KnownInstance.Bundle bundle = named.stopsWhenUsedUp();
        if (bundle == null || !bundle.covers(instance.productId())) {
            return RecordAnswerCode.NOT_PAY_PER_USE;
        }
        return named.buyerId().equals(instance.buyerId()) ? null : RecordAnswerCode.NOT_THIS_SELLERS_INSTANCE;
    }

    /** Usage from after the opening of a package that covers the product, lives, is not frozen then and still holds something. */
    private boolean needsPackage(WellFormed record, KnownInstance instance) {
        for (KnownInstance held : bundlesByBuyer.getOrDefault(instance.buyerId(), List.of())) {
            KnownInstance.Bundle bundle = held.stopsWhenUsedUp();
            if (bundle != null
                    && held.releasedAt() == null
                    && bundle.covers(instance.productId())
                    && record.end().isAfter(bundle.answeredAt())
                    && !held.isFrozenIn(record.begin(), record.end())
                    && !bundle.isUsedUp(collectedOf(held))) {
                return true;
            }
        }
        return false;
    }

    private boolean packageCannotPay(WellFormed record) {
        String packageId = record.packageInstanceId();
        KnownInstance named = packageId == null ? null : known.instances.get(packageId);
        KnownInstance.Bundle bundle = named == null ? null : named.stopsWhenUsedUp();
        return named != null
                && bundle != null
                && (named.isFrozenIn(record.begin(), record.end())
                        || !bundle.holds(collectedOf(named), record.amount()));
    }

    private BigDecimal collectedOf(KnownInstance bundle) {
        return collected.getOrDefault(bundle.instanceId(), BigDecimal.ZERO);
    }

    private boolean hasWrongTimes(WellFormed record, KnownInstance instance) {
        Instant latest = now.plus(limits.clockTolerance);
        return isAfterTheEndOf(instance, record)
                || isAfterTheEndOf(known.instances.get(record.packageInstanceId()), record)
                || record.begin().isAfter(record.end())
                || record.begin().isBefore(instance.startedAt())
                || record.end().isAfter(latest)
                || record.recordTime().isAfter(latest)
                || (limits.refuseCrossingHours && crossesAnHour(record));
    }

    private static boolean isAfterTheEndOf(@Nullable KnownInstance resource, WellFormed record) {
        Instant releasedAt = resource == null ? null : resource.releasedAt();
        return releasedAt != null && record.end().isAfter(releasedAt);
    }

    private static boolean crossesAnHour(WellFormed record) {
        Instant hourEnd = record.begin().truncatedTo(HOURS).plus(1, HOURS);
        return record.end().isAfter(hourEnd);
    }

    private boolean overlapsAccepted(WellFormed record) {
        return known.overlapping.contains(Window.of(record))
                || acceptedByWindow.keySet().stream()
                        .anyMatch(window -> window.instanceId.equals(record.instanceId())
                                && window.begin.isBefore(record.end())
                                && window.end.isAfter(record.begin()));
    }

    private void remember(Earlier earlier) {
        bySn.computeIfAbsent(earlier.meteringSn(), any -> new ArrayList<>(1)).add(earlier);
        if (earlier.accepted()) {
            acceptedByWindow.put(new Window(earlier.instanceId(), earlier.begin(), earlier.end()), earlier);
        }
    }
}
