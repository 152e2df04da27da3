package io.hourledger.aggregator.silence;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.closing.ClosableHour;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.aggregator.postgres.PostgresClosingStore;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

@Tag("servers")
class SilentMeterTest {

    private static final UsageHour FIRST = new UsageHour(Instant.parse("2026-03-01T00:00:00Z"));
    private static final String METER =
            Usage.CATALOGUE.meters().iterator().next().name();

    /** Pooled: days of hours are closed here, statement by statement. */
    private final HikariDataSource database = pooled(TestServers.freshDatabase());

    private final JdbcClient sql = JdbcClient.create(database);
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    private static HikariDataSource pooled(TestDatabase.Address address) {
        HikariDataSource pool = new HikariDataSource();
        pool.setDataSource(address.dataSource());
        pool.setMaximumPoolSize(3);
        return pool;
    }

    @AfterEach
    void close() {
        database.close();
    }

    @BeforeEach
    void tables() {
        read(0);
        read(1);
        new PostgresCatalogue(database).claim(Usage.CATALOGUE);
    }

    private void read(int partition) {
        sql.sql(
                        """
                        insert into aggregator.partition_position
                               (partition, checkpoint, next_offset, consumed, counted, duplicates, quarantined)
                        values (?, 1, 1000, 0, 0, 0, 0)""")
                .param(partition)
                .update();
    }

    /** Closes hours of two partitions, with usage in partition 1 alone, in those hours that are asked for. */
    private void closeHours(int from, int to, IntPredicate used) {
        PostgresClosingStore store = new PostgresClosingStore(database);
        for (int number = from; number < to; number++) {
            UsageHour hour = UsageHour.ofNumber(FIRST.number() + number);
            for (int partition = 0; partition < 2; partition++) {
                sql.sql(
                                "insert into aggregator.hour_cutoff (partition, hour, cutoff, recorded_at, accepts_from) values (?, ?, ?, ?, ?)")
                        .params(
                                partition,
                                hour.start().atOffset(ZoneOffset.UTC),
                                number,
                                hour.end().atOffset(ZoneOffset.UTC),
                                hour.end().atOffset(ZoneOffset.UTC))
                        .update();
                if (partition == 1 && used.test(number)) {
                    sql.sql(
                                    """
                                    insert into aggregator.bucket (partition, hour, instance, meter, raw_total, events, first_event_at,
                                                                   last_event_at, first_offset, last_offset)
                                    values (1, :hour, 'i-1', :meter, 5, 3, :hour, :hour, 0, 0), (1, :hour, 'i-2', :meter, 5, 4, :hour, :hour, 0, 0)""")
                            .param("hour", hour.start().atOffset(ZoneOffset.UTC))
                            .param("meter", METER)
                            .update();
                }
                ClosableHour over = overHour(partition, hour, number);
                List<Bucket> buckets = store.nextBuckets(over, 10);
                if (!buckets.isEmpty()) {
                    store.entered(over, buckets, List.of(), over.recordedAt());
                }
                store.closed(over, hour.end());
            }
        }
    }

    private static ClosableHour overHour(int partition, UsageHour hour, long cutoff) {
        return new ClosableHour(partition, hour, hour.end(), cutoff);
    }

    private double alarm(AlarmWhenMeterFallsSilent watch) {
        watch.look();
        return metrics.get("usage.aggregator.meter.silent")
                .tag("meter", METER)
                .gauge()
                .value();
    }

    @Test
    void a_meter_used_around_the_clock_that_has_an_hour_without_usage_is_an_alarm_until_it_is_used_again() {
        AlarmWhenMeterFallsSilent watch = new AlarmWhenMeterFallsSilent(database, () -> Usage.VERSIONS, metrics);
        assertThat(alarm(watch)).as("never used").isZero();

        closeHours(0, 30, hour -> true);
        assertThat(alarm(watch)).isZero();
        assertThat(sql.sql("select events from aggregator.meter_hour where hour = :hour")
                        .param("hour", FIRST.start().atOffset(ZoneOffset.UTC))
                        .query(Long.class)
                        .single())
                .isEqualTo(7);

        closeHours(30, 31, hour -> false);
        assertThat(alarm(watch)).isEqualTo(1);
        closeHours(31, 90, hour -> false);
        assertThat(alarm(watch)).as("days later still").isEqualTo(1);

        closeHours(90, 91, hour -> true);
        assertThat(alarm(watch)).isZero();
    }

    @Test
    void a_meter_that_rests_at_night_is_not_silent_at_night() {
        AlarmWhenMeterFallsSilent watch = new AlarmWhenMeterFallsSilent(database, () -> Usage.VERSIONS, metrics);
        closeHours(0, 71, hour -> hour % 24 >= 6 && hour % 24 < 22);
        assertThat(alarm(watch)).isZero();
    }

    @Test
    void while_a_partition_has_closed_no_hour_yet_no_meter_is_silent() {
        AlarmWhenMeterFallsSilent watch = new AlarmWhenMeterFallsSilent(database, () -> Usage.VERSIONS, metrics);
        read(2);
        closeHours(0, 31, hour -> hour < 30);
        assertThat(alarm(watch)).isZero();
    }
}
