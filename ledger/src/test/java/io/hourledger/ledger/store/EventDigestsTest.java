package io.hourledger.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.embedded.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

@Tag("servers")
class EventDigestsTest {

    /** PostgreSQL sorts members by length at every depth. Otherwise an honest event would look changed. */
    @Test
    void every_event_is_spelt_alike_before_and_after_the_database() {
        JdbcTemplate jdbc = new JdbcTemplate(TestDatabase.freshDatabase());
        EventJson json = new EventJson();
        EventExamples.all().forEach(event -> {
            String written = json.write(event).payload();
            String read = jdbc.queryForObject("select ?::jsonb::text", String.class, written);
            assertThat(EventDigests.canonical(String.valueOf(read)))
                    .as(written)
                    .isEqualTo(EventDigests.canonical(written));
        });
    }
}
