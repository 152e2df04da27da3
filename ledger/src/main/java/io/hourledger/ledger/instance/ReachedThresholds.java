package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.ThresholdRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which thresholds an instance's usage has come to in their latest periods.
 *
 * @param latest at most {@value #PERIODS_STORED} periods of each threshold, and all packages that the instance remembers, in the order in which
 *     they were reached first
 */
public record ReachedThresholds(List<Reached> latest) {

    /** So many periods of a threshold are remembered. Nobody is told of older ones. */
    static final int PERIODS_STORED = 16;

    /** So many are remembered of all. Settings have at most 32 thresholds, and a renamed one leaves its periods behind. */
    static final int STORED = 1024;

    static final ReachedThresholds NONE = new ReachedThresholds(List.of());

    /** Periods before packages: what is dropped of a package would be told again. */
    private static final Comparator<Reached> BY_AGE =
            Comparator.comparing(Reached::isOfPackage).thenComparing(Reached::from);

    public ReachedThresholds {
        latest = List.copyOf(latest);
    }

    /**
     * One of them.
     *
     * @param from when its period began, or its package was opened
     * @param packageInstanceId the package; null for a period
     * @param percent the highest that was noticed in it
     */
    public record Reached(String threshold, Instant from, @Nullable String packageInstanceId, int percent) {

        private boolean isOfPackage() {
            return packageInstanceId != null;
        }

        private boolean isOf(ThresholdRef ref) {
            return threshold.equals(ref.threshold())
                    && from.equals(ref.from())
                    && Objects.equals(packageInstanceId, ref.packageInstanceId());
        }
    }

    /**
     * Whether that percentage was noticed in that period, or the period is older than those that are remembered. Of packages all that live are
     * remembered, since the one opened first may be used up last.
     */
    public boolean knows(ThresholdRef ref, int percent) {
        if (ref.packageInstanceId() != null) {
            return latest.stream().anyMatch(reached -> reached.isOf(ref) && reached.percent >= percent);
        }
        List<Reached> same = periodsOf(ref.threshold());
        return same.stream().anyMatch(reached -> reached.isOf(ref) && reached.percent >= percent)
                || (same.size() >= PERIODS_STORED
                        && same.stream().noneMatch(reached -> reached.isOf(ref))
                        && same.stream().noneMatch(reached -> reached.from.isBefore(ref.from())));
    }

    private List<Reached> periodsOf(String threshold) {
        return latest.stream()
                .filter(reached -> !reached.isOfPackage() && reached.threshold.equals(threshold))
                .toList();
    }

    /**
     * Another one.
     *
     * @param packages those that the instance remembers; nothing is told of others
     */
    ReachedThresholds with(ThresholdRef ref, int percent, Packages packages) {
        List<Reached> after = new ArrayList<>(latest);
        after.removeIf(reached -> reached.isOf(ref)
                || (reached.packageInstanceId != null
                        && packages.find(reached.packageInstanceId).isEmpty()));
        after.add(new Reached(ref.threshold(), ref.from(), ref.packageInstanceId(), percent));
        List<Reached> same = new ReachedThresholds(after).periodsOf(ref.threshold());
        if (same.size() > PERIODS_STORED) {
            after.remove(same.stream().min(BY_AGE).orElseThrow());
        }
        if (after.size() > STORED) {
            after.remove(after.stream().min(BY_AGE).orElseThrow());
        }
        return new ReachedThresholds(after);
    }
}
