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
    private FileSeals seals;

    @AfterEach
    void close() {
        test.close();
    }

    @BeforeEach
    void two_months_sealed_every_day(@TempDir Path folder) {
        seals = new FileSeals(folder.resolve("seals"));
        TestClock clock = new TestClock(hour(0).start());
        test.ledger.handleAll(List.of(open("a"), open("b")));
        try (LedgerSealer sealer = new LedgerSealer(test.jdbc, test.feed, TestLedger.DIGESTS, seals, clock)) {
            sealer.start(Duration.ofHours(1));
            for (int day = 0; day < DAYS; day++) {
                test.ledger.handleAll(List.of(meter("a", 24 * day + 1, "1"), meter("b", 24 * day + 1, "2")));
                clock.moveTo(hour(24 * day + 2).start());
                await().until(sealer::caughtUp);
                sealer.seal();
            }
        }
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
    void a_month_is_read_from_the_last_seal_before_it_to_the_first_a_day_behind_it() {
        LedgerVerifier.Report january = verify(JANUARY);
        assertThat(january.findings()).isEmpty();
        assertThat(january.passedOver()).isZero();
        // up to February 2
        assertThat(january.events()).isEqualTo(2 + 4 * 33);
        LedgerVerifier.Report february = verify(FEBRUARY);
        assertThat(february.findings()).isEmpty();
        // the seal of January 31 is the last before it
        assertThat(february.passedOver()).isEqualTo(2 + 4 * 31);
        assertThat(february.events()).isEqualTo(2 + 4 * DAYS);
        assertThat(february.notSealedYet()).isZero();
    }

    @Test
    void an_event_changed_in_a_month_is_named_by_the_check_of_that_month_alone() {
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
        assertThat(verify(JANUARY).findings()).isEmpty();
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
    void a_stored_point_moved_over_a_changed_event_is_found_by_the_next_seal() {
        change("a", sequenceNumberOfDay(32));
        test.jdbc.update(
                """
                update ledger.seal_mark
                set (transaction_id, position) = (
                    select transaction_id, position from ledger.event where instance_id = 'b' and sequence_number = ?)
                where sealed_at = (select max(sealed_at) from ledger.seal_mark where sealed_at <= '2026-02-01')""",
                sequenceNumberOfDay(33) + 1);
        assertThat(verify(FEBRUARY).findings()).anyMatch(finding -> finding.contains("are not those that were sealed"));
    }

    @Test
    void the_metered_hours_of_a_month_are_read_without_the_events_before_it() throws SQLException {
        try (Connection connection = test.dataSource.getConnection()) {
            long before = rowsRead(connection);
            int hours = 0;
            try (MeteredHoursInOrder february = MeteredHoursInOrder.open(
                    new SingleConnectionDataSource(connection, true), null, utc(hour(31 * 24)), utc(hour(59 * 24)))) {
                while (february.next().isPresent()) {
                    hours++;
                }
                assertThat(rowsRead(connection) - before).isEqualTo(28 * 4);
            }
            assertThat(hours).isEqualTo(28);
        }
    }

    /** By this session, as far as it has not told yet. */
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
