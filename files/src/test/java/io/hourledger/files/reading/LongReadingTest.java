package io.hourledger.files.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.files.export.GivenRecords;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

@Tag("servers")
class LongReadingTest {

    private final GivenRecords given = new GivenRecords();
    private final LongReading reading = new LongReading(given.jdbc, given.transactions);

    private List<String> bounds() {
        List<String> bounds = new ArrayList<>();
        reading.stream(
                """
                select current_setting(name)
                from unnest(array['statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout']) name
                """,
                List.of(),
                row -> bounds.add(row.getString(1)));
        return bounds;
    }

    @Test
    void the_whole_reading_and_each_part_of_it_has_half_an_hour() {
        assertThat(reading.together(this::bounds)).containsExactly("30min", "30min", "30min");
        assertThat(bounds()).doesNotContain("30min");
    }

    @Test
    void a_reading_outlives_the_bound_that_its_session_has_already_begun() {
        TransactionTemplate session = new TransactionTemplate(given.transactions);
        session.setReadOnly(true);
        session.setIsolationLevel(TransactionTemplate.ISOLATION_REPEATABLE_READ);
        assertThat(session.<String>execute(status -> {
                    given.jdbc.execute("set local transaction_timeout = '500ms'");
                    return reading.together(() -> given.jdbc.queryForObject("select pg_sleep(1)::text", String.class));
                }))
                .isEmpty();
    }

    @Test
    void a_month_and_all_upgrades_are_found_by_an_index() {
        assertThat(plan("select from ledger.usage_record where hour >= '2026-01-01' and hour < '2026-02-01'"))
                .contains("usage_record_of_hour");
        assertThat(plan("select instance_id from ledger.event where event_type = 'instance-upgraded'"))
                .contains("event_of_an_upgrade");
    }

    private String plan(String query) {
        return reading.together(() -> {
            given.jdbc.execute("set local enable_seqscan = off");
            return String.join("\n", given.jdbc.queryForList("explain " + query, String.class));
        });
    }
}
