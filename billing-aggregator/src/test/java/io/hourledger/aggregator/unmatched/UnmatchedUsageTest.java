package io.hourledger.aggregator.unmatched;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.closing.AmendedHours;
import io.hourledger.aggregator.closing.CloseHourWhenOver;
import io.hourledger.aggregator.closing.CloseHourWhenOver.Round;
import io.hourledger.aggregator.closing.ClosingLoop;
import io.hourledger.aggregator.closing.HourLedger;
import io.hourledger.aggregator.hour.BucketIncrement;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.Checkpoint.Advance;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.CutoffJournal;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.page.PartitionAccounts;
import io.hourledger.aggregator.page.PartitionAccounts.InBuckets;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.aggregator.postgres.PostgresCheckpointStore;
import io.hourledger.aggregator.postgres.PostgresClosingStore;
import io.hourledger.aggregator.postgres.PostgresLogIdentity;
import io.hourledger.aggregator.postgres.PostgresLogIdentity.LogIdentity;
import io.hourledger.aggregator.unmatched.SubjectUsage.Hours;
import io.hourledger.aggregator.unmatched.SubjectUsage.State;
import io.hourledger.aggregator.unmatched.UnmatchedUsage.Filter;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TableCounts;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.instance.Decision;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.Driver;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/** Two hours of a known instance and of a subject that no instance has, through closing, the list, the alarm and the opening. */
@Tag("servers")
class UnmatchedUsageTest {

    private static final UsageHour TEN = UsageHour.of(Instant.parse("2026-03-01T10:00:00Z"));
    private static final UsageHour ELEVEN = UsageHour.ofNumber(TEN.number() + 1);
    private static final UsageHour TWELVE = UsageHour.ofNumber(TEN.number() + 2);
    private static final CatalogueVersions METERS = Usage.VERSIONS;
    private static final Instant CLOSED = Instant.parse("2026-03-01T12:02:00Z");

    private final TestClock clock = new TestClock(CLOSED);
    private final TestServers stack = new TestServers(clock);
    private final UnmatchedUsage usage = new UnmatchedUsage(stack.database());
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final AlarmWhenUsageIsUnmatched alarm =
            new AlarmWhenUsageIsUnmatched(usage, clock, Duration.ofHours(2), metrics, 1);

    @BeforeEach
    void close_both_hours() {
        new PostgresLogIdentity(stack.database()).claim(new LogIdentity("topic", "id", 1, "key"));
        new PostgresCatalogue(stack.database()).claim(Usage.CATALOGUE);
        keep(
                new Advance(1, 0, 40),
                List.of(bucket(TEN, "i-1"), bucket(TEN, "nobody"), bucket(ELEVEN, "i-1"), bucket(ELEVEN, "nobody")),
                List.of(new Cutoff(TEN, 20, TEN.end()), new Cutoff(ELEVEN, 40, ELEVEN.end())));
        stack.open("i-1");
        closing().closeHoursOf(0);
    }

    private void keep(Advance advance, List<BucketIncrement> buckets, List<Cutoff> cutoffs) {
        new PostgresCheckpointStore(stack.database(), machineTime -> machineTime, METERS)
                .keep(new Checkpoint(0, advance, new Tallies(20, 20, 0, 0), buckets, List.of(), List.of(), cutoffs));
    }

    @AfterEach
    void close() {
        stack.close();
    }

    private static BucketIncrement bucket(UsageHour hour, String instance) {
        return Usage.egressBucket(hour, instance, 5);
    }

    private CloseHourWhenOver closing() {
        return closing(stack.parts().ledger());
    }

    private CloseHourWhenOver closing(HourLedger ledger) {
        return new CloseHourWhenOver(
                new PostgresClosingStore(stack.database()),
                CutoffJournal.NONE,
                ledger,
                () -> Usage.VERSIONS,
                AmendedHours.NONE,
                clock,
                1);
    }

    private double gauge(String name) {
        return metrics.get("usage.aggregator." + name).gauge().value();
    }

    private InBuckets account() {
        return new PartitionAccounts(stack.database()).all().getFirst().buckets();
    }

    @Test
    void it_is_listed_by_subject_with_its_amount_and_since_when() {
        assertThat(usage.list(Filter.ALL, 10))
                .containsExactly(new SubjectUsage(
                        0,
                        "nobody",
                        "egress",
                        State.UNMATCHED,
                        new Hours(TEN.start(), ELEVEN.start(), 2, 10),
                        new BigDecimal(2_000_000),
                        CLOSED,
                        "no instance has this subject yet"));
        assertThat(usage.list(new Filter("i-1", null), 10)).isEmpty();
        assertThat(usage.list(new Filter(null, State.REFUSED), 10)).isEmpty();
        assertThat(account()).isEqualTo(new InBuckets(10, 10, 0, 0, 0));
    }

    @Test
    void metrics_show_how_much_there_is_and_since_when() {
        assertThat(gauge("unmatched.buckets")).isNaN();
        clock.moveTo(CLOSED.plusSeconds(90));

        alarm.look(List.of(0));

        assertThat(gauge("unmatched.buckets")).isEqualTo(2);
        assertThat(gauge("unmatched.events")).isEqualTo(10);
        assertThat(gauge("unmatched.oldest.age")).isEqualTo(90);
        assertThat(gauge("refused.buckets")).isZero();
        assertThat(gauge("refused.oldest.age")).isZero();
    }

    @Test
    void what_has_no_instance_for_too_long_is_logged_once_with_its_subject() {
        Logger logger = (Logger) LoggerFactory.getLogger(AlarmWhenUsageIsUnmatched.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try {
            clock.moveTo(CLOSED.plus(Duration.ofHours(2)));
            alarm.look(List.of(0));
            assertThat(lines.list).as("not yet for too long").isEmpty();

            clock.moveTo(CLOSED.plus(Duration.ofHours(2)).plusSeconds(1));
            alarm.look(List.of(0));
            alarm.look(List.of(0));
        } finally {
            logger.detachAppender(lines);
        }

        assertThat(lines.list).singleElement().satisfies(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.ERROR);
            assertThat(line.getKeyValuePairs()).contains(new KeyValuePair("subject", "nobody"));
        });
    }

    @Test
    void usage_whose_instance_is_opened_after_weeks_is_withheld_as_too_old() {
        stack.open("nobody");
        clock.moveTo(CLOSED.plus(Duration.ofDays(21)));

        closing().enterUnmatched(0, "");

        assertThat(stack.sql()
                        .sql("select payload ->> 'reason' from ledger.event where instance_id = 'nobody'"
                                + " and event_type = 'usage-withheld'")
                        .query(String.class)
                        .list())
                .contains("too-old");
    }

    @Test
    void it_is_entered_when_its_instance_is_opened() {
        try (LedgerFeed.Subscription feed = stack.feed()
                .subscribe("billing-aggregator", OpenedInstances.EVENTS, new OpenedInstances(stack.database(), 1))) {
            stack.open("nobody", "another");
            await().atMost(Duration.ofSeconds(30)).until(feed::caughtUp);
        }
        assertThat(opened()).containsExactly("nobody");

        await().atMost(Duration.ofSeconds(30)).until(() -> {
            closing().enterOpened(0);
            return opened().isEmpty();
        });

        assertThat(stack.metered()).hasSize(4);
        assertThat(usage.list(Filter.ALL, 10)).isEmpty();
        assertThat(account()).isEqualTo(new InBuckets(20, 0, 0, 0, 0));
        alarm.look(List.of(0));
        assertThat(gauge("unmatched.buckets")).isZero();
        assertThat(metrics.get("usage.aggregator.unmatched.look.age").gauge().value())
                .isNotNegative();
        assertThat(gauge("unmatched.oldest.age")).isZero();
    }

    private static final DecidedBy FINANCE = new DecidedBy("li.wei", "misspelt by the app");

    @Test
    void what_a_person_writes_off_is_open_no_longer_and_accounted_for() {
        UsageWriteOff ending = new UsageWriteOff(stack.database());
        List<UsageWriteOff.Found> found = ending.find("nobody", UsageWriteOff.State.UNMATCHED, null);
        assertThat(found).extracting(UsageWriteOff.Found::hour).containsExactly(TEN, ELEVEN);
        found.forEach(one -> assertThat(ending.writeOff("nobody", UsageWriteOff.State.UNMATCHED, one, FINANCE, CLOSED))
                .isTrue());

        assertThat(usage.list(Filter.ALL, 10)).isEmpty();
        assertThat(account()).isEqualTo(new InBuckets(10, 0, 0, 0, 0, 10));
        clock.moveTo(CLOSED.plusSeconds(90));
        alarm.look(List.of(0));
        assertThat(gauge("unmatched.oldest.age")).isZero();
        stack.open("nobody");
        closing().enterUnmatched(0, "");
        assertThat(stack.metered()).as("of i-1 alone").hasSize(2);
        assertThat(ending.writeOff("nobody", UsageWriteOff.State.UNMATCHED, found.getFirst(), FINANCE, CLOSED))
                .as("once")
                .isFalse();
        assertThat(stack.sql()
                        .sql(
                                "select decided_by || ': ' || why from aggregator.usage_write_off where was = 'unmatched' and events = 5")
                        .query(String.class)
                        .list())
                .hasSize(2)
                .containsOnly("li.wei: misspelt by the app");
    }

    @Test
    void what_the_ledger_takes_after_a_person_has_written_it_off_is_metered_and_no_longer_written_off() {
        UsageWriteOff ending = new UsageWriteOff(stack.database());
        UsageWriteOff.Found ten =
                ending.find("nobody", UsageWriteOff.State.UNMATCHED, TEN).getFirst();
        stack.open("nobody");
        closing(entering(
                        () -> assertThat(ending.writeOff("nobody", UsageWriteOff.State.UNMATCHED, ten, FINANCE, CLOSED))
                                .isTrue(),
                        () -> {}))
                .enterUnmatched(0, "");

        assertThat(stack.metered()).containsKey("10 nobody");
        assertThat(account()).isEqualTo(new InBuckets(15, 5, 0, 0, 0, 0));
        assertThat(stack.sql()
                        .sql("select count(*) from aggregator.usage_write_off")
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(stack.sql()
                        .sql("select detail from aggregator.bucket where instance = 'nobody' and hour = :hour")
                        .param("hour", TEN.start().atOffset(ZoneOffset.UTC))
                        .query(String.class)
                        .single())
                .isEqualTo("entered in the ledger while li.wei wrote it off: misspelt by the app");
    }

    @Test
    void what_the_ledger_took_since_it_was_found_is_not_written_off() {
        UsageWriteOff ending = new UsageWriteOff(stack.database());
        UsageWriteOff.Found ten =
                ending.find("nobody", UsageWriteOff.State.UNMATCHED, TEN).getFirst();
        stack.open("nobody");
        closing(entering(() -> {}, () -> assertThat(
                                ending.writeOff("nobody", UsageWriteOff.State.UNMATCHED, ten, FINANCE, CLOSED))
                        .isFalse()))
                .enterUnmatched(0, "");

        assertThat(account()).isEqualTo(new InBuckets(15, 5, 0, 0, 0, 0));
    }

    @Test
    void usage_of_another_meter_is_written_off_though_its_hour_is_metered() {
        UsageWriteOff ending = new UsageWriteOff(stack.database());
        stack.sql()
                .sql("update aggregator.bucket set meter = 'other', state = 'unmatched' where instance = 'i-1'")
                .update();
        List<UsageWriteOff.Found> unmatched = ending.find("i-1", UsageWriteOff.State.UNMATCHED, null);
        assertThat(unmatched)
                .hasSize(2)
                .noneMatch(UsageWriteOff.Found::isMetered)
                .allMatch(one -> ending.writeOff("i-1", UsageWriteOff.State.UNMATCHED, one, FINANCE, CLOSED));
    }

    @Test
    void refused_usage_is_written_off_though_its_hour_is_metered_otherwise() {
        UsageWriteOff ending = new UsageWriteOff(stack.database());
        stack.sql()
                .sql("update aggregator.bucket set state = 'refused' where instance = 'i-1'")
                .update();
        List<UsageWriteOff.Found> refused = ending.find("i-1", UsageWriteOff.State.REFUSED, null);
        assertThat(refused)
                .hasSize(2)
                .noneMatch(UsageWriteOff.Found::isMetered)
                .allMatch(one -> ending.writeOff("i-1", UsageWriteOff.State.REFUSED, one, FINANCE, CLOSED));
    }

    /** The ledger, with something that happens before and after hours are entered, and before what became of them is kept. */
    private HourLedger entering(Runnable before, Runnable after) {
        HourLedger ledger = stack.parts().ledger();
        return new HourLedger() {
            @Override
            public List<Decision> enter(List<MeterHour> hours) {
                before.run();
                List<Decision> entered = ledger.enter(hours);
                after.run();
                return entered;
            }

            @Override
            public Map<String, String> meters(Collection<String> instances) {
                return ledger.meters(instances);
            }

            @Override
            public Set<String> known(Collection<String> instances) {
                return ledger.known(instances);
            }
        };
    }

    @Test
    void what_the_ledger_has_cannot_be_written_off() {
        stack.open("nobody");
        closing().enterUnmatched(0, "");
        stack.sql()
                .sql(
                        "update aggregator.bucket set state = 'unmatched' where instance = 'nobody' and hour = '2026-03-01T10:00:00Z'")
                .update();

        assertThat(new UsageWriteOff(stack.database()).find("nobody", UsageWriteOff.State.UNMATCHED, null))
                .extracting(UsageWriteOff.Found::hour, UsageWriteOff.Found::isMetered)
                .containsExactly(tuple(TEN, true), tuple(ELEVEN, false));
    }

    @Test
    void an_hour_closes_though_unmatched_usage_cannot_be_entered() throws Exception {
        keep(new Advance(2, 40, 60), List.of(bucket(TWELVE, "i-1")), List.of(new Cutoff(TWELVE, 60, TWELVE.end())));
        try (Connection other = ownSessions().getConnection();
                Statement lock = other.createStatement()) {
            other.setAutoCommit(false);
            lock.execute("lock table aggregator.opened_instance");
            try (ClosingLoop loop = new ClosingLoop(
                    closing(), new PostgresClosingStore(stack.database()), failed -> {}, 1, Duration.ofMillis(50))) {
                loop.given(new PartitionOwnership(0, 1));

                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(stack.metered()).containsKey("12 i-1"));
                other.rollback();
            }
        }
    }

    @Test
    void no_tick_enters_more_than_one_batch() {
        stack.open("nobody");
        stack.sql()
                .sql("insert into aggregator.opened_instance (partition, instance) values (0, 'nobody')")
                .update();

        closing().enterOpened(0);
        assertThat(stack.metered()).hasSize(3);

        closing().enterOpened(0);
        closing().enterOpened(0);
        assertThat(stack.metered()).hasSize(4);
        assertThat(opened()).isEmpty();
    }

    private List<String> opened() {
        return stack.sql()
                .sql("select instance from aggregator.opened_instance")
                .query(String.class)
                .list();
    }

    private DataSource ownSessions() {
        return new SimpleDriverDataSource(
                new Driver(),
                stack.address().jdbcUrl(),
                stack.address().user(),
                stack.address().password());
    }

    @Test
    void the_alarm_reads_the_oldest_bucket_and_no_other() {
        stack.sql()
                .sql(
                        """
                        insert into aggregator.bucket (partition, hour, instance, meter, raw_total, events, first_event_at, last_event_at,
                                                       first_offset, last_offset, state, state_at)
                        select 0, timestamptz '2026-02-01Z', 'i-' || number, 'egress', 1, 1, now(), now(), 1, 1, 'unmatched', :since
                          from generate_series(1, 1000) as number""")
                .param("since", CLOSED.atOffset(ZoneOffset.UTC))
                .update();
        stack.sql().sql("vacuum analyze aggregator.bucket").update();
        clock.moveTo(CLOSED.plus(Duration.ofHours(3)));
        DataSource ownSessions = ownSessions();
        TableCounts before = TableCounts.of(ownSessions, "aggregator.bucket");

        new AlarmWhenUsageIsUnmatched(
                        new UnmatchedUsage(ownSessions), clock, Duration.ofHours(2), new SimpleMeterRegistry(), 1)
                .look(List.of(0));

        assertThat(TableCounts.of(ownSessions, "aggregator.bucket")
                        .since(before)
                        .rowsRead())
                .isLessThanOrEqualTo(20);
    }

    @Test
    void it_is_found_by_the_rounds_if_the_feed_told_nothing() {
        stack.open("nobody");

        assertThat(closing().enterUnmatched(0, "")).isEqualTo(new Round.GoesOn(""));
        assertThat(stack.metered()).hasSize(3);
        assertThat(closing().enterUnmatched(0, "")).isEqualTo(new Round.GoesOn(""));

        assertThat(stack.metered()).hasSize(4);
        assertThat(closing().enterUnmatched(0, "")).isEqualTo(new Round.Over());
    }
}
