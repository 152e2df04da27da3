package io.hourledger.aggregator.lag;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How all partitions of the topic stand.
 *
 * @param at business time of the look
 * @param secondsAgo how long ago it was looked, in machine time
 * @param verdict the most urgent one of the partitions
 * @param cause of that verdict
 */
public record LagReport(
        Instant at, double secondsAgo, LagVerdict verdict, String cause, List<PartitionLag> partitions) {

    static LagReport of(Instant at, double secondsAgo, List<PartitionLag> partitions) {
        LagVerdict verdict = partitions.stream()
                .map(PartitionLag::verdict)
                .reduce(LagVerdict::and)
                .orElse(LagVerdict.UNKNOWN);
        List<PartitionLag> urgent = partitions.stream()
                .filter(one -> one.verdict() == verdict)
                .sorted(Comparator.comparingDouble(LagReport::secondsLeft))
                .toList();
        return new LagReport(at, secondsAgo, verdict, cause(verdict, urgent), List.copyOf(partitions));
    }

    /** Nothing is known of any partition. */
    static LagReport unknown(Instant at, double secondsAgo, String cause) {
        return new LagReport(at, secondsAgo, LagVerdict.UNKNOWN, cause, List.of());
    }

    private static double secondsLeft(PartitionLag partition) {
        return partition.deadline() == null ? 0 : partition.deadline().secondsLeft();
    }

    private static String cause(LagVerdict verdict, List<PartitionLag> urgent) {
        if (urgent.isEmpty()) {
            return "the topic has no partition";
        }
        if (verdict == LagVerdict.IN_TIME) {
            return "every partition will close its hour in time";
        }
        PartitionLag first = urgent.getFirst();
        String more = urgent.size() == 1 ? "" : " (and " + (urgent.size() - 1) + " more like it)";
        return "partition " + first.partition() + more + ": " + first.cause();
    }

    public Optional<PartitionLag> partition(int number) {
        return partitions.stream().filter(one -> one.partition() == number).findFirst();
    }

    /** Until the first deadline, less the time to read what is missing: the least of all partitions that know theirs. */
    public Optional<Double> secondsLeft() {
        return partitions.stream()
                .map(PartitionLag::deadline)
                .filter(Objects::nonNull)
                .map(PartitionLag.Deadline::secondsLeft)
                .min(Comparator.naturalOrder());
    }
}
