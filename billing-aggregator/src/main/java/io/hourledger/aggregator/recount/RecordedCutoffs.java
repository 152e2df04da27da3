package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.contracts.usage.UsageHour;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the count of before has recorded, and a recount must know: where hours end, and what was not entered in the ledger on purpose. */
final class RecordedCutoffs {

    private static final String CUTOFFS =
            """
            select cutoff.hour, cutoff.cutoff, cutoff.recorded_at, cutoff.accepts_from, cutoff.closed_at is not null as closed,
                   cutoff.cutoff <= position.next_offset as reached
              from aggregator.hour_cutoff cutoff
              join aggregator.partition_position position on position.partition = cutoff.partition
             where cutoff.partition = :partition
             order by cutoff.hour""";

    private static final String SKIPPED =
            """
            select from_offset, to_offset from aggregator.log_gap where partition = :partition""";

    private static final String FORBIDDEN =
            "select log_offset from aggregator.forbidden_record where partition = :partition";

    private static final String CLOSED_FOR_GOOD =
            """
            select closed_for_good from aggregator.retention where partition = :partition and closed_for_good is not null""";

    private static final String TOPIC_ID = "select topic_id from aggregator.log_identity";

    private static final String ENTERED_APART =
            """
            select instance, meter, revision, state
              from aggregator.bucket
             where partition = :partition and hour = :hour and state in ('unmatched', 'blocked', 'refused', 'dropped', 'metered', 'written-off')""";

    private final JdbcClient sql;

    RecordedCutoffs(DataSource database) {
        this.sql = JdbcClient.create(database);
    }

    /** A cutoff, and whether all before it is counted, and closed. */
    record Row(Cutoff cutoff, boolean closed, boolean reached) {}

    /** Records that a person skipped, so that they were never counted. */
    record Skipped(long from, long to) {}

    /** The records of {@code [from, to)}. */
    record Part(long from, long to) {}

    /**
     * How a partition's hours end, as of one moment.
     *
     * @param rows in the order of the hours, and so of the offsets
     * @param forbidden what was not counted since its key may not write it
     */
    record OfPartition(List<Row> rows, List<Skipped> skipped, ForbiddenOffsets forbidden) {

        boolean isSkipped(long offset) {
            return skipped.stream().anyMatch(gap -> gap.from <= offset && offset < gap.to);
        }

        /** What is left of {@code [from, to)} without what was skipped, which the log may not be able to hand over at all. */
        List<Part> notSkipped(long from, long to) {
            List<Part> parts = new ArrayList<>();
            long next = from;
            for (Skipped gap : skipped.stream()
                    .sorted(Comparator.comparingLong(Skipped::from))
                    .toList()) {
                if (next < Math.min(gap.from, to)) {
                    parts.add(new Part(next, Math.min(gap.from, to)));
                }
                next = Math.max(next, gap.to);
            }
            if (next < to) {
                parts.add(new Part(next, to));
            }
            return parts;
        }

        /**
         * Those that decide on records of {@code [from, to)}: the last that {@code from} has passed, and those that lie between. If none was
         * passed, the first one decides how far from it events may lie.
         */
        List<Cutoff> between(long from, long to) {
            List<Cutoff> between = new ArrayList<>();
            for (Row row : rows) {
                if (row.cutoff.offset() <= from) {
                    between.clear();
                }
                if (row.cutoff.offset() < to || between.isEmpty()) {
                    between.add(row.cutoff);
                }
            }
            return between;
        }

        /**
         * Where a revision of an hour ends: the first one at the hour's own cutoff, each later one an hour later. What has none of its own ends with the
         * next that has one.
         */
        private Optional<Row> rowOf(UsageHour hour, int revision) {
            long endsWith = hour.number() + revision;
            return rows.stream()
                    .filter(row -> row.cutoff.hour().number() >= endsWith)
                    .findFirst();
        }

        /** The cutoff of a revision whose events before it have all been counted. */
        Optional<Cutoff> reached(UsageHour hour, int revision) {
            return rowOf(hour, revision).filter(Row::reached).map(Row::cutoff);
        }

        /** The cutoff of a revision that has been closed. */
        Optional<Cutoff> closed(UsageHour hour, int revision) {
            return rowOf(hour, revision).filter(Row::closed).map(Row::cutoff);
        }

        Optional<Cutoff> lastClosed() {
            return rows.stream().filter(Row::closed).map(Row::cutoff).reduce((earlier, later) -> later);
        }

        boolean isClosed(UsageHour hour, int revision) {
            return closed(hour, revision).isPresent();
        }

        /** The revision of an hour in which an event at this offset counts, if it counts. */
        int revisionAt(long offset, UsageHour hour) {
            UsageHour passed = lastHourPassedAt(offset);
            return passed == null || hour.compareTo(passed) > 0 ? 0 : (int) (passed.number() + 1 - hour.number());
        }

        /** Where an hour stops to accept usage: at the first cutoff behind which it does not. Empty while it accepts. */
        Optional<Long> acceptsUntil(UsageHour hour) {
            return rows.stream()
                    .map(Row::cutoff)
                    .filter(cutoff -> cutoff.acceptsFrom().compareTo(hour) > 0)
                    .map(Cutoff::offset)
                    .findFirst();
        }

        /** For records in the order of their offsets. */
        Walk walk() {
            return new Walk(rows);
        }

        /** The last hour that is over for a record at this offset. */
        @Nullable UsageHour lastHourPassedAt(long offset) {
            UsageHour last = null;
            for (Row row : rows) {
                if (row.cutoff.offset() <= offset) {
                    last = row.cutoff.hour();
                }
            }
            return last;
        }
    }

    /** Goes along the cutoffs with the records. */
    static final class Walk {
        private final List<Row> rows;
        private int passed;

        private Walk(List<Row> rows) {
            this.rows = rows;
        }

        /** The last cutoff at or before this offset, which is not before those that were asked for; null if there is none. */
        @Nullable Cutoff passedAt(long offset) {
            while (passed < rows.size() && rows.get(passed).cutoff.offset() <= offset) {
                passed++;
            }
            return passed == 0 ? null : rows.get(passed - 1).cutoff;
        }
    }

    OfPartition of(int partition) {
        List<Row> rows = new ArrayList<>();
        sql.sql(CUTOFFS).param("partition", partition).query(row -> {
            rows.add(new Row(
                    new Cutoff(
                            new UsageHour(
                                    row.getObject("hour", OffsetDateTime.class).toInstant()),
                            row.getLong("cutoff"),
                            row.getObject("recorded_at", OffsetDateTime.class).toInstant(),
                            new UsageHour(row.getObject("accepts_from", OffsetDateTime.class)
                                    .toInstant())),
                    row.getBoolean("closed"),
                    row.getBoolean("reached")));
        });
        List<Skipped> skipped = sql.sql(SKIPPED)
                .param("partition", partition)
                .query((row, number) -> new Skipped(row.getLong("from_offset"), row.getLong("to_offset")))
                .list();
        long[] forbidden = sql.sql(FORBIDDEN).param("partition", partition).query(Long.class).list().stream()
                .mapToLong(Long::longValue)
                .toArray();
        return new OfPartition(rows, skipped, ForbiddenOffsets.of(forbidden));
    }

    /** Why nobody can count this hour again, if its ids and cutoffs may be gone. */
    Optional<String> closedForGood(int partition, UsageHour hour) {
        return closedForGood(partition)
                .filter(last -> hour.compareTo(last) <= 0)
                .map(last -> "hour " + hour + " of partition " + partition + " is closed for good: of hours up to "
                        + last + " ids and cutoffs are no longer kept");
    }

    /** The last hour that is closed for good. */
    Optional<UsageHour> closedForGood(int partition) {
        return sql.sql(CLOSED_FOR_GOOD)
                .param("partition", partition)
                .query((row, number) -> new UsageHour(
                        row.getObject("closed_for_good", OffsetDateTime.class).toInstant()))
                .optional();
    }

    /** Kafka's id of the topic whose offsets these are. */
    Optional<String> topicId() {
        return sql.sql(TOPIC_ID).query(String.class).optional();
    }

    /**
     * The buckets of an hour that were not entered in the ledger when the hour closed.
     *
     * @param notYet the ledger does not have them: their instance is not known yet or blocked, or they are refused or written off
     * @param later the ledger has them, since their instance became known
     * @param dropped the ledger has their events by another meter, or they are free
     */
    record EnteredApart(Set<BucketKey> notYet, Set<BucketKey> later, Set<BucketKey> dropped) {}

    EnteredApart enteredApart(int partition, UsageHour hour) {
        Set<BucketKey> notYet = new HashSet<>();
        Set<BucketKey> later = new HashSet<>();
        Set<BucketKey> dropped = new HashSet<>();
        sql.sql(ENTERED_APART)
                .param("partition", partition)
                .param("hour", hour.start().atOffset(ZoneOffset.UTC))
                .query(row -> {
                    BucketKey key = new BucketKey(
                            Objects.requireNonNull(row.getString("instance")),
                            Objects.requireNonNull(row.getString("meter")),
                            row.getInt("revision"));
                    Set<BucketKey> its =
                            switch (Objects.requireNonNull(row.getString("state"))) {
                                case "metered" -> later;
                                case "dropped" -> dropped;
                                default -> notYet;
                            };
                    its.add(key);
                });
        return new EnteredApart(notYet, later, dropped);
    }
}
