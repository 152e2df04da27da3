package io.hourledger.aggregator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.closing.ClosableHour;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.BucketIncrement;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.Checkpoint.Advance;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.postgres.PostgresLogIdentity.LogIdentity;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestDatabase;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** One hour with two buckets that ends at offset 10; somebody is closing it. */
@Tag("servers")
class PostgresClosingStoreTest {

    private static final CatalogueVersions METERS = Usage.VERSIONS;
    private static final UsageHour TEN = new UsageHour(Instant.parse("2026-03-01T10:00:00Z"));

    private final HikariDataSource database = new HikariDataSource();
    private PostgresClosingStore closing;
    private JdbcTemplate sql;
    private ClosableHour over;

    @BeforeEach
    void open() {
        TestDatabase.Address address = TestServers.freshDatabase();
        database.setJdbcUrl(address.jdbcUrl());
        database.setUsername(address.user());
        database.setPassword(address.password());
        new PostgresLogIdentity(database).claim(new LogIdentity("topic", "id", 1, "key"));
        new PostgresCatalogue(database).claim(Usage.CATALOGUE);
        new PostgresCheckpointStore(database, machineTime -> machineTime, METERS)
                .keep(new Checkpoint(
                        0,
                        new Advance(1, 0, 10),
                        new Tallies(10, 10, 0, 0),
                        List.of(bucket("i-1"), bucket("i-2")),
                        List.of(),
                        List.of(),
                        List.of(new Cutoff(TEN, 10, TEN.end()))));
        sql = new JdbcTemplate(database);
        closing = new PostgresClosingStore(database);
        over = closing.nextToClose(0).orElseThrow();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static BucketIncrement bucket(String instance) {
        return new BucketIncrement(
                new Bucket(
                        TEN,
                        0,
                        instance,
                        "web-egress",
                        BigDecimal.ONE,
                        new EventSpan(5, TEN.start(), TEN.start()),
                        0,
                        new Bucket.Offsets(0, 9)),
                Aggregation.SUM);
    }

    /** As a standby knows it that got the cutoff and not the last checkpoint. */
    private void goBackTo(long offset) {
        sql.update("update aggregator.partition_position set next_offset = ?", offset);
    }

    private void assertThatNothingIsClosed() {
        assertThat(sql.queryForObject("select closed_at is null from aggregator.hour_cutoff", Boolean.class))
                .isTrue();
    }

    @Test
    void a_database_that_lagged_behind_has_no_buckets_to_close() {
        goBackTo(9);

        assertThatThrownBy(() -> closing.nextBuckets(over, 1)).isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> closing.entered(over, List.of(bucket("i-1").bucket()), List.of(), TEN.end()))
                .isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> closing.closed(over, TEN.end())).isInstanceOf(StoreUnavailableException.class);
        assertThatNothingIsClosed();
    }

    @Test
    void a_database_without_the_cutoff_or_with_another_has_no_buckets_to_close() {
        sql.update("update aggregator.hour_cutoff set cutoff = 8");
        assertThatThrownBy(() -> closing.nextBuckets(over, 1)).isInstanceOf(StoreUnavailableException.class);

        sql.update("delete from aggregator.hour_cutoff");
        assertThatThrownBy(() -> closing.nextBuckets(over, 1)).isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> closing.entered(over, List.of(bucket("i-1").bucket()), List.of(), TEN.end()))
                .isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> closing.closed(over, TEN.end())).isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void an_hour_is_not_closed_while_a_bucket_of_it_is_not_entered() {
        closing.entered(over, closing.nextBuckets(over, 1), List.of(), TEN.end());

        assertThatThrownBy(() -> closing.closed(over, TEN.end())).isInstanceOf(StoreUnavailableException.class);
        assertThatNothingIsClosed();

        closing.entered(over, closing.nextBuckets(over, 1), List.of(), TEN.end());
        assertThat(closing.nextBuckets(over, 1)).isEmpty();
        closing.closed(over, TEN.end());
        assertThat(closing.nextToClose(0)).isEmpty();
    }
}
