package io.hourledger.aggregator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.closing.ClosingStore;
import io.hourledger.aggregator.closing.ClosingStore.State;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.hour.QuarantinedRecord;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.postgres.AggregatorSchema;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.aggregator.postgres.PostgresCheckpointStore;
import io.hourledger.aggregator.postgres.PostgresClosingStore;
import io.hourledger.aggregator.postgres.PostgresLogIdentity;
import io.hourledger.aggregator.postgres.PostgresLogIdentity.LogIdentity;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The real stores on a real database. */
final class PostgresStores implements Stores {

    private final TestClock clock = new TestClock(Instant.EPOCH);
    private final JdbcClient sql;
    private final CheckpointStore checkpoints;
    private final ClosingStore closing;

    PostgresStores(DataSource database) {
        AggregatorSchema.migrate(database);
        sql = JdbcClient.create(database);
        checkpoints = new PostgresCheckpointStore(database, clock, SimulatedCatalogue.VERSIONS);
        closing = new PostgresClosingStore(database);
        new PostgresLogIdentity(database)
                .claim(new LogIdentity("simulated", "id", WorldSize.SMALL.partitions(), "key"));
        PostgresCatalogue catalogue = new PostgresCatalogue(database);
        catalogue.claim(Usage.CATALOGUE);
        catalogue.publish(
                SimulatedCatalogue.SECOND,
                SimulatedCatalogue.SECOND_FROM,
                new DecidedBy("simulation", "two versions"),
                clock);
    }

    /** Empties all tables for the next seed. */
    void clear() {
        sql.sql("truncate aggregator.bucket, aggregator.hour_cutoff, aggregator.counted_ids,"
                        + " aggregator.sorted_id_block, aggregator.ids_on_disk, aggregator.quarantine")
                .update();
        sql.sql("update aggregator.partition_position set checkpoint = 0, next_offset = 0, consumed = 0,"
                        + " counted = 0, duplicates = 0, quarantined = 0, filtered_out = 0")
                .update();
    }

    @Override
    public TestClock clock() {
        return clock;
    }

    @Override
    public CheckpointStore checkpoints() {
        return checkpoints;
    }

    @Override
    public ClosingStore closing() {
        return closing;
    }

    @Override
    public StoredState stored(int partition) {
        return sql.sql("select * from aggregator.partition_position where partition = ?")
                .param(partition)
                .query((row, number) -> new StoredState(
                        row.getLong("next_offset"),
                        new Tallies(
                                row.getLong("consumed"),
                                row.getLong("counted"),
                                row.getLong("duplicates"),
                                row.getLong("quarantined"),
                                row.getLong("filtered_out")),
                        buckets(partition),
                        quarantined(partition),
                        cutoffs(partition),
                        ids(partition)))
                .single();
    }

    @Override
    public Progress progress(int partition) {
        return new Progress(
                sql.sql("select next_offset from aggregator.partition_position where partition = ?")
                        .param(partition)
                        .query(Long.class)
                        .single(),
                cutoffs(partition));
    }

    private List<Bucket> buckets(int partition) {
        return sql.sql("select * from aggregator.bucket where partition = ?")
                .param(partition)
                .query((row, number) -> new Bucket(
                        new UsageHour(moment(row, "hour")),
                        row.getInt("revision"),
                        row.getString("instance"),
                        row.getString("meter"),
                        row.getBigDecimal("raw_total"),
                        new EventSpan(
                                row.getLong("events"), moment(row, "first_event_at"), moment(row, "last_event_at")),
                        row.getLong("shared_events"),
                        new Bucket.Offsets(row.getLong("first_offset"), row.getLong("last_offset"))))
                .list();
    }

    private List<QuarantinedRecord> quarantined(int partition) {
        return sql.sql("select * from aggregator.quarantine where partition = ?")
                .param(partition)
                .query((row, number) -> new QuarantinedRecord(
                        row.getLong("log_offset"),
                        moment(row, "recorded_at"),
                        reason(row.getString("reason")),
                        row.getString("detail"),
                        row.getBytes("record_key"),
                        row.getBytes("record_value")))
                .list();
    }

    private static QuarantineReason reason(String code) {
        return Arrays.stream(QuarantineReason.values())
                .filter(reason -> reason.code().equals(code))
                .findFirst()
                .orElseThrow();
    }

    private List<Cutoff> cutoffs(int partition) {
        return sql.sql("select * from aggregator.hour_cutoff where partition = ? order by hour")
                .param(partition)
                .query((row, number) -> new Cutoff(
                        new UsageHour(moment(row, "hour")),
                        row.getLong("cutoff"),
                        moment(row, "recorded_at"),
                        new UsageHour(moment(row, "accepts_from"))))
                .list();
    }

    private long ids(int partition) {
        return sql.sql(
                        """
                        select coalesce(sum(length(ids)), 0) / 16
                          from (select ids from aggregator.counted_ids where partition = :partition
                                union all
                                select ids from aggregator.sorted_id_block where partition = :partition
                                union all
                                select ids from aggregator.ids_on_disk where partition = :partition) as all_ids""")
                .param("partition", partition)
                .query(Long.class)
                .single();
    }

    private static Instant moment(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    @Override
    public long waiting(int partition, State state) {
        long buckets = sql.sql("select count(*) from aggregator.bucket where partition = ? and state = ?")
                .param(partition)
                .param(state.code())
                .query(Long.class)
                .single();
        assertThat(sql.sql("select coalesce(sum(buckets), 0) from aggregator.bucket_total where partition = ? and"
                                + " state = ?")
                        .param(partition)
                        .param(state.code())
                        .query(Long.class)
                        .single())
                .as("the total of those that are " + state.code())
                .isEqualTo(buckets);
        return buckets;
    }
}
