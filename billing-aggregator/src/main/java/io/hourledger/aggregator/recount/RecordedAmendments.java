package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.recount.EventSearch.Named;
import io.hourledger.aggregator.recount.Receipt.AppliedAmendment;
import io.hourledger.contracts.usage.UsageHour;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Says which instances' hours have amendments, as the count of before has recorded them. */
final class RecordedAmendments {

    private static final String FIRST_REVISIONS =
            """
            select hour, instance, min(revision) as first_revision
              from aggregator.amendment
             where partition = :partition and hour in (:hours) and instance in (:instances)
             group by hour, instance""";

    private static final String REVISIONS =
            """
            select instance, meter, revision, state
              from aggregator.bucket
             where partition = :partition and hour = :hour
               and instance in (select instance from aggregator.amendment where partition = :partition and hour between :since and :hour)""";

    private static final String ANY =
            """
            select exists (select from aggregator.amendment where partition = :partition and hour between :since and :hour and instance = :instance)""";

    private static final String COLUMNS =
            """
            select log_offset, recorded_at, revision, kind, amendment_id, event_id, decided_by, why
              from aggregator.amendment
             where partition = :partition and hour = :hour and instance = :instance""";

    private static final String OF_EVENT = COLUMNS + " and source = :source and event_id = :id order by log_offset";

    private static final String NAMED = COLUMNS + " and source = :source and amendment_id = :id order by log_offset";

    private final JdbcClient sql;

    RecordedAmendments(DataSource database) {
        this.sql = JdbcClient.create(database);
    }

    private record InstanceHour(UsageHour hour, String instance) {}

    /**
     * Those of these buckets whose amounts amendments may change, by hour: all from the revision of the first of them on. An amendment of a level
     * changes what it comes to in later hours, too.
     *
     * @param rules say how far back a meter reads
     */
    Map<UsageHour, List<Bucket>> amendedAmong(int partition, Collection<Bucket> buckets, RecountRules rules) {
        List<OffsetDateTime> hours = buckets.stream()
                .flatMap(bucket -> hoursRead(bucket, rules))
                .distinct()
                .map(hour -> hour.start().atOffset(ZoneOffset.UTC))
                .toList();
        if (hours.isEmpty()) {
            return Map.of();
        }
        Map<InstanceHour, Integer> firstRevisions = new HashMap<>();
        sql.sql(FIRST_REVISIONS)
                .param("partition", partition)
                .param("hours", hours)
                .param(
                        "instances",
                        buckets.stream().map(Bucket::instance).distinct().toList())
                .query(row -> {
                    firstRevisions.put(
                            new InstanceHour(
                                    new UsageHour(row.getObject("hour", OffsetDateTime.class)
                                            .toInstant()),
                                    Objects.requireNonNull(row.getString("instance"))),
                            row.getInt("first_revision"));
                });
        Map<UsageHour, List<Bucket>> amended = new HashMap<>();
        for (Bucket bucket : buckets) {
            boolean isAmended = hoursRead(bucket, rules).anyMatch(hour -> {
                Integer first = firstRevisions.get(new InstanceHour(hour, bucket.instance()));
                // both end with the same cutoff
                return first != null && bucket.endsWith().number() >= hour.number() + first;
            });
            if (isAmended) {
                amended.computeIfAbsent(bucket.hour(), hour -> new ArrayList<>())
                        .add(bucket);
            }
        }
        return amended;
    }

    /** The hours with an event that may count in a bucket. */
    private static Stream<UsageHour> hoursRead(Bucket bucket, RecountRules rules) {
        long hour = bucket.hour().number();
        return LongStream.rangeClosed(hour - rules.hoursBefore(bucket.meter(), bucket.hour()), hour)
                .mapToObj(UsageHour::ofNumber);
    }

    /** How the buckets of an hour's amended instances stand, by the word for their state. */
    NavigableMap<BucketKey, String> statesOfAmended(int partition, UsageHour hour, RecountRules rules) {
        NavigableMap<BucketKey, String> states = new TreeMap<>();
        sql.sql(REVISIONS)
                .param("partition", partition)
                .param("hour", hour.start().atOffset(ZoneOffset.UTC))
                .param("since", rules.firstReaching(hour).start().atOffset(ZoneOffset.UTC))
                .query(row -> {
                    states.put(
                            new BucketKey(
                                    Objects.requireNonNull(row.getString("instance")),
                                    Objects.requireNonNull(row.getString("meter")),
                                    row.getInt("revision")),
                            Objects.requireNonNull(row.getString("state")));
                });
        return states;
    }

    /** Those of one event, in the order of the log. */
    List<AppliedAmendment> of(int partition, Named event) {
        return read(OF_EVENT, partition, event);
    }

    /** The one that has this id itself. */
    Optional<AppliedAmendment> named(int partition, Named amendment) {
        return read(NAMED, partition, amendment).stream().findFirst();
    }

    private List<AppliedAmendment> read(String query, int partition, Named name) {
        return sql.sql(query)
                .param("partition", partition)
                .param("hour", name.hour().start().atOffset(ZoneOffset.UTC))
                .param("instance", name.subject())
                .param("source", name.source())
                .param("id", name.id())
                .query((row, number) -> new AppliedAmendment(
                        row.getLong("log_offset"),
                        row.getObject("recorded_at", OffsetDateTime.class).toInstant(),
                        row.getInt("revision"),
                        row.getString("kind"),
                        row.getString("amendment_id"),
                        row.getString("event_id"),
                        row.getString("decided_by"),
                        row.getString("why")))
                .list();
    }

    /**
     * Whether an instance has one in this hour, or in so many before it.
     */
    boolean has(int partition, UsageHour hour, int hoursBefore, String instance) {
        return sql.sql(ANY)
                .param("partition", partition)
                .param(
                        "since",
                        UsageHour.ofNumber(hour.number() - hoursBefore).start().atOffset(ZoneOffset.UTC))
                .param("hour", hour.start().atOffset(ZoneOffset.UTC))
                .param("instance", instance)
                .query(Boolean.class)
                .single();
    }
}
