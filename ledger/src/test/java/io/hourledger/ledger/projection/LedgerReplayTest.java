package io.hourledger.ledger.projection;

import static io.hourledger.ledger.instance.Given.meter;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.ledger.statement.UsageRecordReport;
import io.hourledger.ledger.store.TestLedger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LedgerReplayTest {

    private final TestLedger test = new TestLedger();
    private final LedgerReplay replay = new LedgerReplay(test.jdbc, test.transactions);

    @BeforeEach
    void a_ledger_with_projections() {
        test.projections.start();
        ProjectionsTest.handle(test, ProjectionsTest.aBusyLife(6, 20));
        await().until(test.projections::caughtUp);
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void projections_made_anew_are_byte_for_byte_those_that_were_live() {
        List<String> before = export();
        AtomicLong progress = new AtomicLong();
        LedgerReplay.Outcome outcome = replay.run(progress::set);

        assertThat(outcome.differences()).isEmpty();
        assertThat(outcome.events())
                .isEqualTo(test.jdbc.queryForObject("select count(*) from ledger.event", Long.class));
        assertThat(progress).hasValue(outcome.events());
        assertThat(export()).isEqualTo(before);
    }

    @Test
    void a_projection_that_was_tampered_with_is_named_and_mended() {
        List<String> before = export();
        test.jdbc.update("update ledger.usage_record set amount = amount + 1 where instance_id = 'i2'");
        assertThat(replay.run(events -> {}).differences())
                .isNotEmpty()
                .allMatch(difference -> difference.startsWith("usage_record"));
        assertThat(export()).isEqualTo(before);
    }

    @Test
    void projections_that_were_dropped_come_back_and_go_on() {
        List<String> before = export();
        test.projections.close();
        test.jdbc.execute("drop table ledger.instance, ledger.metered_hour, ledger.usage_record, ledger.package");
        replay.run(events -> {});
        assertThat(export()).isEqualTo(before);

        test.projections.start();
        test.ledger.handleAll(List.of(meter("i2", 100, "1")));
        await().until(test.projections::caughtUp);
        assertThat(export()).hasSizeGreaterThanOrEqualTo(before.size());
    }

    private List<String> export() {
        List<String> rows = new ArrayList<>();
        new UsageRecordReport(test.jdbc, test.transactions).forEach(row -> rows.add(row.toString()));
        return rows;
    }
}
