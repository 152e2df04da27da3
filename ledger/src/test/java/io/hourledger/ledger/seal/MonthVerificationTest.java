package io.hourledger.ledger.seal;

import static io.hourledger.ledger.instance.Given.hour;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.statement.MeteredHoursInOrder;
import io.hourledger.ledger.store.TestLedger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Two instances meter an hour a day in January and February 2026; each day is sealed. A month's check reads that month and is no weaker in it. */
@Tag("servers")
class MonthVerificationTest {

    private static final YearMonth JANUARY = YearMonth.of(2026, 1);
    private static final YearMonth FEBRUARY = YearMonth.of(2026, 2);
    private static final int DAYS = 59;

    private final TestLedger test = new TestLedger();
    private final LedgerVerifier verifier = new LedgerVerifier(test.jdbc, test.transactions, TestLedger.DIGESTS);
    private final TestClock clock = new TestClock(hour(0).start());
    private FileSeals seals;

    @AfterEach
    void close() {
        test.close();
    }

    @BeforeEach
    void two_months_sealed_every_day(@TempDir Path folder) {
        seals = new FileSeals(folder.resolve("seals"));
        test.ledger.handleAll(List.of(open("a"), open("b")));
        try (LedgerSealer sealer = sealer()) {
            for (int day = 0; day < DAYS; day++) {
                test.ledger.handleAll(List.of(meter("a", 24 * day + 1, "1"), meter("b", 24 * day + 1, "2")));
                sealAt(sealer, 24 * day + 2);
            }
        }
    }

    private LedgerSealer sealer() {
        LedgerSealer sealer = new LedgerSealer(test.jdbc, test.feed, TestLedger.DIGESTS, seals, clock);
        sealer.start(Duration.ofHours(1));
        return sealer;
    }

    private void sealAt(LedgerSealer sealer, int hour) {
        clock.moveTo(hour(hour).start());
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(sealer::caughtUp);
        sealer.seal();
    }

    private LedgerVerifier.Report verify(YearMonth month) {
        return verifier.verifyMonth(seals.all(), null, month, events -> {});
    }

    private void change(String instance, int sequenceNumber) {
        test.jdbc.update(
                "update ledger.event set payload = payload || '{\"amount\": \"9\"}' where instance_id = ? and sequence_number = ?",
                instance,
                sequenceNumber);
    }

    private int sequenceNumberOfDay(int day) {
        return 1 + 2 * day;
    }

    @Test
    void a_month_is_read_from_the_last_seal_before_it_to_the_end_of_the_ledger() {
        LedgerVerifier.Report january = verify(JANUARY);
        assertThat(january.findings()).isEmpty();
        assertThat(january.passedOver()).isZero();
        LedgerVerifier.Report february = verify(FEBRUARY);
        assertThat(february.findings()).isEmpty();
        // the seal of January 31 is the last before it
        assertThat(february.passedOver()).isEqualTo(2 + 4 * 31);
        assertThat(february.sealsCompared()).isEqualTo(1 + 28);
        assertThat(february.events()).isEqualTo(2 + 4 * DAYS);
        assertThat(february.notSealedYet()).isZero();
        assertThat(february.firstUnsealed()).isEmpty();
    }

    @Test
    void events_behind_the_last_seal_are_named_from_the_first_on() {
        for (int hour = 24 * DAYS; hour < 24 * DAYS + 13; hour++) {
            test.ledger.handleAll(List.of(meter("a", hour, "1")));
        }
        LedgerVerifier.Report february = verify(FEBRUARY);
        assertThat(february.notSealedYet()).isEqualTo(26);
        assertThat(february.firstUnsealed())
                .hasSize(20)
                .first()
                .asString()
                .startsWith("a event " + sequenceNumberOfDay(DAYS));
    }

    @Test
    void the_time_of_a_stored_point_is_not_believed() {
        change("a", sequenceNumberOfDay(40));
        test.jdbc.update(
                "update ledger.seal_mark set sealed_at = '2026-01-31T12:00:00Z' where sealed_at::date = '2026-02-20'");
        assertThat(verify(FEBRUARY).findings())
                .anyMatch(finding -> finding.startsWith("a event " + sequenceNumberOfDay(40)));
        change("b", sequenceNumberOfDay(25));
        test.jdbc.update(
                "update ledger.seal_mark set sealed_at = '2026-02-02T12:00:00Z' where sealed_at::date = '2026-01-20'");
        assertThat(verify(JANUARY).findings())
                .anyMatch(finding -> finding.startsWith("b event " + sequenceNumberOfDay(25)));
    }

    @Test
    void a_correction_recorded_long_after_a_month_is_read_with_it() {
        test.ledger.handleAll(List.of(meter("a", 24 * 5 + 1, 1, "0.5")));
        change("a", sequenceNumberOfDay(DAYS));
        assertThat(verify(JANUARY).findings())
                .anyMatch(finding -> finding.startsWith("a event " + sequenceNumberOfDay(DAYS)));
    }

    @Test
    void a_seal_of_a_clock_that_was_ahead_ends_no_month_and_keeps_no_day_from_its_mark() {
        try (LedgerSealer sealer = sealer()) {
            for (int day = DAYS; day < DAYS + 5; day++) {
                test.ledger.handleAll(List.of(meter("a", 24 * day + 1, "1")));
                sealAt(sealer, 24 * (day == DAYS ? day + 60 : day) + 2);
            }
        }
        assertThat(test.jdbc.queryForObject("select count(*) from ledger.seal_mark", Long.class))
                .isEqualTo(DAYS + 5);
        change("a", sequenceNumberOfDay(DAYS + 3));
        assertThat(verify(YearMonth.of(2026, 3)).findings())
                .anyMatch(finding -> finding.startsWith("a event " + sequenceNumberOfDay(DAYS + 3)));
        LedgerVerifier.Report april = verify(YearMonth.of(2026, 4));
        assertThat(april.passedOver()).isEqualTo(2 + 4 * DAYS);
    }

    @Test
    void the_last_seal_proves_no_place() {
        List<Seal> untilJanuary31 = seals.all().subList(0, 31);
        change("a", sequenceNumberOfDay(35));
        test.jdbc.update("delete from ledger.seal_mark where sealed_at > '2026-02-01'");
        test.jdbc.update(
                """
                update ledger.seal_mark
                set (transaction_id, position) = (
                    select transaction_id, position from ledger.event order by transaction_id desc, position desc limit 1)
                where sealed_at::date = '2026-01-31'""");
        LedgerVerifier.Report february = verifier.verifyMonth(untilJanuary31, null, FEBRUARY, events -> {});
        assertThat(february.passedOver()).isEqualTo(2 + 4 * 30);
        assertThat(february.findings()).anyMatch(finding -> finding.startsWith("a event " + sequenceNumberOfDay(35)));
    }

    /** The amount is in the tables, its event stands far before its month, and its number is the next of its stream. */
    @Test
    void an_hour_slipped_in_far_before_its_time_is_read_with_its_month() throws SQLException {
        test.jdbc.update(
                """
                insert into ledger.event (instance_id, sequence_number, event_type, revision, payload, transaction_id, position)
                overriding system value
                select instance_id, ?, event_type, revision,
                    payload || '{"hour": "2026-02-07T05:00:00Z", "amount": "1000"}', '3', -1
                from ledger.event where instance_id = 'a' and sequence_number = 1""",
                sequenceNumberOfDay(DAYS));
        assertThat(verify(FEBRUARY).findings()).isNotEmpty();
        try (Connection connection = test.dataSource.getConnection()) {
            assertThat(hoursOfFebruary(connection)).isEqualTo(29);
        }
    }

    @Test
    void a_mark_that_cannot_be_stored_is_stored_later_and_the_ledger_counts_as_sealed() {
        try (LedgerSealer sealer = sealer()) {
            test.ledger.handleAll(List.of(meter("a", 24 * DAYS + 1, "1")));
            test.jdbc.execute("alter table ledger.seal_mark rename to seal_mark_gone");
            sealAt(sealer, 24 * DAYS + 2);
            assertThat(seals.all()).hasSize(DAYS + 1);
            test.jdbc.execute("alter table ledger.seal_mark_gone rename to seal_mark");
            sealer.seal();
        }
        assertThat(seals.all()).hasSize(DAYS + 1);
        assertThat(test.jdbc.queryForObject("select count(*) from ledger.seal_mark", Long.class))
                .isEqualTo(DAYS + 1);
    }

    @Test
    void an_event_changed_in_a_month_is_not_named_by_the_check_of_the_next() {
        change("a", sequenceNumberOfDay(3));
        assertThat(verify(JANUARY).findings()).first().asString().startsWith("a event 7 (hour-metered)");
        assertThat(verify(FEBRUARY).findings()).isEmpty();
    }

    @Test
    void the_first_event_of_a_month_must_stand_behind_the_last_of_the_month_before() {
        test.jdbc.update(
                "delete from ledger.event where instance_id = 'a' and sequence_number = ?",
                sequenceNumberOfDay(30) + 1);
        assertThat(verify(FEBRUARY).findings())
                .anyMatch(finding -> finding.startsWith("a event " + sequenceNumberOfDay(31)));
    }

    @Test
    void an_event_removed_or_slipped_in_within_a_month_differs_from_its_seals() {
        test.jdbc.update(
                "delete from ledger.event where instance_id = 'b' and sequence_number = ?", sequenceNumberOfDay(40));
        assertThat(verify(FEBRUARY).findings()).isNotEmpty();
    }

    @Test
    void a_stored_point_that_no_seal_vouches_for_is_not_used() {
        test.jdbc.update("update ledger.seal_mark set head = sha256('forged') where sealed_at < '2026-02-01'");
        LedgerVerifier.Report february = verify(FEBRUARY);
        assertThat(february.passedOver()).isZero();
        assertThat(february.findings()).isEmpty();
    }

    /** Its head and its tree are those of the seal: who holds the database can move the place alone. */
    @Test
    void a_stored_point_moved_over_a_changed_event_is_not_begun_at() {
        change("a", sequenceNumberOfDay(32));
        moveMarkOfJanuary31(sequenceNumberOfDay(33) + 1);
        assertThat(verify(FEBRUARY).findings())
                .anyMatch(finding -> finding.startsWith("a event " + sequenceNumberOfDay(32)));
    }

    @Test
    void a_stored_point_moved_back_is_found_by_the_next_seal() {
        moveMarkOfJanuary31(sequenceNumberOfDay(29) + 1);
        assertThat(verify(FEBRUARY).findings()).anyMatch(finding -> finding.contains("are not those that were sealed"));
    }

    private void moveMarkOfJanuary31(int sequenceNumber) {
        test.jdbc.update(
                """
                update ledger.seal_mark
                set (transaction_id, position) = (
                    select transaction_id, position from ledger.event where instance_id = 'b' and sequence_number = ?)
                where sealed_at::date = '2026-01-31'""",
                sequenceNumber);
    }

    @Test
    void the_metered_hours_of_a_month_are_read_without_other_events_of_hours() throws SQLException {
        try (Connection connection = test.dataSource.getConnection()) {
            assertThat(hoursOfFebruary(connection)).isEqualTo(28);
        }
    }

    /** And no row is read but the two events of each hour and instance, one of which is its record's. */
    private static int hoursOfFebruary(Connection connection) throws SQLException {
        long before = rowsRead(connection);
        int hours = 0;
        try (MeteredHoursInOrder february = MeteredHoursInOrder.open(
                new SingleConnectionDataSource(connection, true), null, utc(hour(31 * 24)), utc(hour(59 * 24)))) {
            while (february.next().isPresent()) {
                hours++;
            }
            assertThat(rowsRead(connection) - before).isLessThanOrEqualTo(28 * 4 + 1);
        }
        return hours;
    }

    /** By this connection, as far as it was not counted for all yet. */
    private static long rowsRead(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        """
                        select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
                        from pg_stat_xact_user_tables where relid = 'ledger.event'::regclass""")) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private static OffsetDateTime utc(UsageHour hour) {
        return hour.start().atOffset(ZoneOffset.UTC);
    }
}
