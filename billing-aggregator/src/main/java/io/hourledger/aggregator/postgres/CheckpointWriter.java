package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.setLongs;
import static io.hourledger.aggregator.postgres.Columns.timestamp;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.BucketIncrement;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.NewIds;
import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.hour.QuarantinedRecord;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.contracts.usage.Aggregation;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Writes one checkpoint in its caller's transaction. */
final class CheckpointWriter {

    private static final String ADVANCE =
            """
            update aggregator.partition_position
               set checkpoint = ?, next_offset = ?, consumed = ?, counted = ?, duplicates = ?, quarantined = ?,
                   filtered_out = ?, amendments = ?, leader_epoch = nullif(?, -1), decided_before = greatest(decided_before, ?)
             where partition = ? and checkpoint = ? - 1 and next_offset = ? and catalogue = ?""";

    private static final String KEEP_IDS =
            """
            insert into aggregator.counted_ids (partition, hour, next_offset, ids) values (?, ?, ?, ?)""";

    /** Adds to each bucket what was counted of it since the checkpoint before. Its meter says how two amounts become one. */
    private static final String ADD_TO_BUCKETS =
            """
            insert into aggregator.bucket as stored
                   (partition, hour, revision, ends_with, instance, meter, raw_total, events,
                    first_event_at, last_event_at, first_offset, last_offset, shared_events)
            select ?, to_timestamp(hour), revision, case when revision > 0 then to_timestamp(ends_with) end, instance, meter, raw_total, events,
                   timestamptz 'epoch' + first_micros * interval '1 microsecond',
                   timestamptz 'epoch' + last_micros * interval '1 microsecond', first_offset, last_offset, shared_events
              from unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::numeric[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
                   as changed (hour, revision, ends_with, instance, meter, raw_total, events, first_micros, last_micros, first_offset, last_offset, shared_events)
                on conflict (partition, hour, instance, meter, revision) do update
               set raw_total = trim_scale(%s), events = stored.events + excluded.events,
                   first_event_at = least(stored.first_event_at, excluded.first_event_at),
                   last_event_at = greatest(stored.last_event_at, excluded.last_event_at),
                   last_offset = excluded.last_offset, shared_events = stored.shared_events + excluded.shared_events""";

    /** A quarantine that is built anew finds the decisions of before. */
    private static final String KEEP_QUARANTINED =
            """
            insert into aggregator.quarantine (partition, log_offset, recorded_at, reason, detail, record_key, record_value, is_open)
            select ?, own.log_offset, ?, ?, ?, ?, ?,
                   not exists (select 1
                                 from aggregator.quarantine_decision decided
                                where decided.partition = ? and decided.log_offset = own.log_offset
                                  and (decided.decision = 'written-off' or decided.sent_offset is not null))
              from (select ?::bigint as log_offset) as own""";

    /** Who counts a partition anew finds what was decided before. */
    private static final String KEEP_FORBIDDEN =
            """
            insert into aggregator.forbidden_record (partition, log_offset, detail) values (?, ?, ?) on conflict do nothing""";

    private static final String ADD_QUARANTINED =
            """
            insert into aggregator.quarantine_total as total (partition, reason, records)
            select ?, reason, count(*) from unnest(?::text[]) as reason group by reason
                on conflict (partition, reason) do update set records = total.records + excluded.records""";

    /** Who counts a partition anew sets its checkpoint to 0. What was added up, closed and sealed of it is done again then. */
    private static final List<String> BEGIN_ANEW = List.of(
            """
            delete from aggregator.bucket_total where partition = ?""",
            """
            delete from aggregator.quarantine_total where partition = ?""",
            """
            delete from aggregator.amendment own
             where own.partition = ?
               and own.hour > coalesce((select closed_for_good from aggregator.retention r where r.partition = own.partition), '-infinity')""",
            """
            update aggregator.hour_cutoff
               set closed_at = null, sealed_at = null, metered_hour = null, metered_instance = null, metered_meter = null
             where partition = ? and (closed_at is not null or sealed_at is not null)""");

    private static final String KEEP_CUTOFF =
            """
            insert into aggregator.hour_cutoff (partition, hour, cutoff, recorded_at, accepts_from) values (?, ?, ?, ?, ?)""";

    private static final long FIRST = 1;

    private final Connection connection;
    private final Checkpoint checkpoint;

    CheckpointWriter(Connection connection, Checkpoint checkpoint) {
        this.connection = connection;
        this.checkpoint = checkpoint;
    }

    /**
     * Advances the position, and writes all that changed.
     *
     * @return false, and nothing is written, if the store does not stand where the checkpoint begins
     */
    boolean write(String countedWith) throws SQLException {
        if (!advance(countedWith)) {
            return false;
        }
        if (checkpoint.number() == FIRST) {
            beginAnew();
        }
        keepIds();
        addToBuckets();
        keepQuarantined();
        keepCutoffs();
        new AmendmentRows(connection, checkpoint.partition())
                .keep(checkpoint.corrections().amendments());
        return true;
    }

    private void beginAnew() throws SQLException {
        for (String statement : BEGIN_ANEW) {
            try (PreparedStatement begin = connection.prepareStatement(statement)) {
                begin.setInt(1, checkpoint.partition());
                begin.executeUpdate();
            }
        }
    }

    private boolean advance(String countedWith) throws SQLException {
        Tallies tallies = checkpoint.tallies();
        try (PreparedStatement update = connection.prepareStatement(ADVANCE)) {
            update.setLong(1, checkpoint.number());
            update.setLong(2, checkpoint.nextOffset());
            update.setLong(3, tallies.consumed());
            update.setLong(4, tallies.counted());
            update.setLong(5, tallies.duplicates());
            update.setLong(6, tallies.quarantined());
            update.setLong(7, tallies.filteredOut());
            update.setLong(8, tallies.amendments());
            update.setInt(9, checkpoint.leaderEpoch());
            update.setLong(10, checkpoint.nextOffset());
            update.setInt(11, checkpoint.partition());
            update.setLong(12, checkpoint.number());
            update.setLong(13, checkpoint.expectedNextOffset());
            update.setString(14, countedWith);
            return update.executeUpdate() == 1;
        }
    }

    private void keepIds() throws SQLException {
        if (checkpoint.newIds().isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(KEEP_IDS)) {
            for (NewIds ids : checkpoint.newIds()) {
                insert.setInt(1, checkpoint.partition());
                insert.setObject(2, timestamp(ids.hour().start()));
                insert.setLong(3, checkpoint.nextOffset());
                insert.setBytes(4, ids.ids());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private void addToBuckets() throws SQLException {
        Map<Aggregation, List<Bucket>> byAggregation = checkpoint.increments().stream()
                .collect(groupingBy(
                        BucketIncrement::aggregation,
                        () -> new EnumMap<>(Aggregation.class),
                        mapping(BucketIncrement::bucket, toList())));
        for (Map.Entry<Aggregation, List<Bucket>> ofOne : byAggregation.entrySet()) {
            Aggregation kind = ofOne.getKey();
            if (kind.needsTimedValues()) {
                TimedValueRows rows = new TimedValueRows(connection, checkpoint.partition());
                List<Bucket> totals = rows.withStored(kind, ofOne.getValue());
                addToBuckets(ADD_TO_BUCKETS.formatted("excluded.raw_total"), totals);
                rows.keep(totals);
            } else {
                addToBuckets(ADD_TO_BUCKETS.formatted(amountOfBoth(kind)), ofOne.getValue());
            }
        }
    }

    private static String amountOfBoth(Aggregation aggregation) {
        return switch (aggregation) {
            case COUNT, SUM, UNIQUE -> "stored.raw_total + excluded.raw_total";
            case MIN -> "least(stored.raw_total, excluded.raw_total)";
            case MAX -> "greatest(stored.raw_total, excluded.raw_total)";
            case PERCENTILE, TIME_WEIGHTED_SUM -> throw new IllegalStateException("it is made of timed values");
            // of equal times the later offset holds
            case LATEST ->
                "case when excluded.last_event_at >= stored.last_event_at then excluded.raw_total else stored.raw_total end";
        };
    }

    private void addToBuckets(String statement, List<Bucket> buckets) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(statement)) {
            upsert.setInt(1, checkpoint.partition());
            setLongs(upsert, 2, buckets, bucket -> bucket.hour().start().getEpochSecond());
            setLongs(upsert, 3, buckets, Bucket::revision);
            setLongs(upsert, 4, buckets, bucket -> bucket.endsWith().start().getEpochSecond());
            upsert.setArray(
                    5,
                    connection.createArrayOf(
                            "text", buckets.stream().map(Bucket::instance).toArray()));
            upsert.setArray(
                    6,
                    connection.createArrayOf(
                            "text", buckets.stream().map(Bucket::meter).toArray()));
            upsert.setArray(
                    7,
                    connection.createArrayOf(
                            "numeric", buckets.stream().map(Bucket::rawTotal).toArray(BigDecimal[]::new)));
            setLongs(upsert, 8, buckets, bucket -> bucket.events().eventCount());
            setLongs(upsert, 9, buckets, bucket -> micros(bucket.events().firstEventAt()));
            setLongs(upsert, 10, buckets, bucket -> micros(bucket.events().lastEventAt()));
            setLongs(upsert, 11, buckets, Bucket::firstOffset);
            setLongs(upsert, 12, buckets, Bucket::lastOffset);
            setLongs(upsert, 13, buckets, Bucket::sharedEvents);
            upsert.executeUpdate();
        }
    }

    private void keepQuarantined() throws SQLException {
        if (checkpoint.quarantined().isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(KEEP_QUARANTINED)) {
            for (QuarantinedRecord event : checkpoint.quarantined()) {
                insert.setInt(1, checkpoint.partition());
                insert.setObject(2, timestamp(event.recordedAt()));
                insert.setString(3, event.reason().code());
                insert.setString(4, event.detail().replace('\0', '?'));
                insert.setBytes(5, event.key());
                insert.setBytes(6, event.value());
                insert.setInt(7, checkpoint.partition());
                insert.setLong(8, event.offset());
                insert.addBatch();
            }
            insert.executeBatch();
        }
        keepForbidden();
        try (PreparedStatement add = connection.prepareStatement(ADD_QUARANTINED)) {
            add.setInt(1, checkpoint.partition());
            add.setArray(
                    2,
                    connection.createArrayOf(
                            "text",
                            checkpoint.quarantined().stream()
                                    .map(event -> event.reason().code())
                                    .toArray()));
            add.executeUpdate();
        }
    }

    private void keepForbidden() throws SQLException {
        List<QuarantinedRecord> forbidden = checkpoint.quarantined().stream()
                .filter(event -> event.reason() == QuarantineReason.FORBIDDEN)
                .toList();
        if (forbidden.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(KEEP_FORBIDDEN)) {
            for (QuarantinedRecord event : forbidden) {
                insert.setInt(1, checkpoint.partition());
                insert.setLong(2, event.offset());
                insert.setString(3, event.detail().replace('\0', '?'));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private void keepCutoffs() throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(KEEP_CUTOFF)) {
            for (Cutoff cutoff : checkpoint.cutoffs()) {
                insert.setInt(1, checkpoint.partition());
                insert.setObject(2, timestamp(cutoff.hour().start()));
                insert.setLong(3, cutoff.offset());
                insert.setObject(4, timestamp(cutoff.recordedAt()));
                insert.setObject(5, timestamp(cutoff.acceptsFrom().start()));
                insert.executeUpdate();
            }
        }
    }

    private static long micros(Instant moment) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, moment);
    }
}
