package io.hourledger.ledger.store;

import static io.hourledger.ledger.instance.Given.hour;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.UsageWindow;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

/** What is asked for each record that the marketplace calls a duplicate. */
@Tag("servers")
class RecordsOfAWindowTest {

    private static final int HOURS = 2000;
    private static final InstanceId ID = new InstanceId("a");

    private final TestLedger test = new TestLedger();

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void the_records_of_a_window_are_counted_without_reading_the_history_before_its_hour() {
        test.ledger.handleAll(Stream.<InstanceCommand>concat(
                        Stream.of(open("a")), IntStream.range(0, HOURS).mapToObj(hour -> meter("a", hour, "1")))
                .toList());
        test.jdbc.execute("analyze ledger.event");

        new TransactionTemplate(test.transactions).executeWithoutResult(status -> {
            long before = rowsRead();
            assertThat(test.queries.recordsIssued(ID, UsageWindow.of(hour(HOURS - 3))))
                    .isOne();
            assertThat(test.queries.recordsIssued(
                            ID,
                            new UsageWindow(
                                    hour(HOURS - 3).start(),
                                    hour(HOURS - 3).start().plusSeconds(9))))
                    .isZero();
            assertThat(rowsRead() - before).isLessThan(100);
        });
        assertThat(test.queries.recordsIssued(ID, UsageWindow.of(hour(0)))).isOne();
        assertThat(test.queries.recordsIssued(ID, UsageWindow.of(hour(1)))).isOne();
        assertThat(test.queries.recordsIssued(new InstanceId("nobody"), UsageWindow.of(hour(1))))
                .isZero();
    }

    /** By this transaction. */
    private long rowsRead() {
        return Objects.requireNonNull(test.jdbc.queryForObject(
                """
                select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
                from pg_stat_xact_user_tables where relid = 'ledger.event'::regclass""",
                Long.class));
    }
}
