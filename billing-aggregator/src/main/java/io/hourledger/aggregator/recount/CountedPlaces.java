package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.recount.Receipt.QuarantinedRecord;
import io.hourledger.aggregator.recount.Receipt.Skipped;
import io.hourledger.contracts.usage.UsageHour;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What is kept of places in the log: how far it was read, what was set aside, which bucket an event is in. */
final class CountedPlaces {

    private static final String POSITION =
            "select next_offset from aggregator.partition_position where partition = :partition";

    private static final String QUARANTINED =
            """
            select reason, detail, recorded_at
              from aggregator.quarantine
             where partition = :partition and log_offset = :offset""";

    private static final String SKIPPED =
            """
            select decided_by, why
              from aggregator.log_gap
             where partition = :partition and from_offset <= :offset and to_offset > :offset""";

    private static final String BUCKETS =
            """
            select revision, first_offset, last_offset, state, detail
              from aggregator.bucket
             where partition = :partition and hour = :hour and instance = :instance and meter = :meter
             order by revision""";

    private static final String QUARANTINE_DROPPED =
            """
            select quarantine_dropped from aggregator.retention where partition = :partition and quarantine_dropped is not null""";

    private static final String BUCKETS_DROPPED =
            """
            select 1 from aggregator.retention where partition = :partition and buckets_dropped >= :hour""";

    private final JdbcClient sql;

    CountedPlaces(DataSource database) {
        this.sql = JdbcClient.create(database);
    }

    /** The first offset that is not accounted for yet; empty if nothing was ever read of such a partition. */
    Optional<Long> nextOffset(int partition) {
        return sql.sql(POSITION).param("partition", partition).query(Long.class).optional();
    }

    Optional<QuarantinedRecord> quarantined(int partition, long offset) {
        return sql.sql(QUARANTINED)
                .param("partition", partition)
                .param("offset", offset)
                .query((row, number) -> new QuarantinedRecord(
                        row.getString("reason"),
                        row.getString("detail"),
                        row.getObject("recorded_at", OffsetDateTime.class).toInstant()))
                .optional();
    }

    /** Whether a record at this offset may have been in quarantine until its row was dropped. */
    boolean mayHaveBeenQuarantined(int partition, long offset) {
        return sql.sql(QUARANTINE_DROPPED)
                .param("partition", partition)
                .query(Long.class)
                .optional()
                .filter(dropped -> offset <= dropped)
                .isPresent();
    }

    /** Whether the metered buckets of this hour were dropped. */
    boolean areBucketsDropped(int partition, UsageHour hour) {
        return sql.sql(BUCKETS_DROPPED)
                .param("partition", partition)
                .param("hour", hour.start().atOffset(ZoneOffset.UTC))
                .query(Integer.class)
                .optional()
                .isPresent();
    }

    /** Who skipped the record and why, if somebody did. */
    Optional<Skipped> skipped(int partition, long offset) {
        return sql.sql(SKIPPED)
                .param("partition", partition)
                .param("offset", offset)
                .query((row, number) -> new Skipped(row.getString("decided_by"), row.getString("why")))
                .optional();
    }

    /**
     * A bucket.
     *
     * @param revision of its hour
     * @param firstOffset of the events that counted in it
     * @param lastOffset of the events that counted in it
     */
    record StoredBucket(int revision, long firstOffset, long lastOffset, String state, @Nullable String detail) {

        /** Or written off by a person. */
        boolean isRefused() {
            return state.equals("refused") || state.equals("written-off");
        }

        boolean isWrittenOff() {
            return state.equals("written-off");
        }

        boolean isDropped() {
            return state.equals("dropped");
        }
    }

    /** An instance's hour in all its revisions, the first one first. */
    List<StoredBucket> buckets(int partition, UsageHour hour, String instance, String meter) {
        return sql.sql(BUCKETS)
                .param("partition", partition)
                .param("hour", hour.start().atOffset(ZoneOffset.UTC))
                .param("instance", instance)
                .param("meter", meter)
                .query((row, number) -> new StoredBucket(
                        row.getInt("revision"),
                        row.getLong("first_offset"),
                        row.getLong("last_offset"),
                        row.getString("state"),
                        row.getString("detail")))
                .list();
    }
}
