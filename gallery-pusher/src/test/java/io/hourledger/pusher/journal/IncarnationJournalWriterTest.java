package io.hourledger.pusher.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.embedded.TestBroker;
import io.hourledger.ledger.installation.Installation;
import io.hourledger.pusher.PusherTables;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

@Tag("servers")
class IncarnationJournalWriterTest {

    private static final Map<String, Object> CLIENT = Map.of("bootstrap.servers", TestBroker.bootstrapServers());

    private static final UUID STAGING = UUID.randomUUID();

    private final String topic = TestBroker.freshName("installations");

    private static DataSource database() {
        return PusherTables.fresh().dataSource();
    }

    private IncarnationJournalWriter writer(DataSource database, String sellerKey, @Nullable UUID takesOver) {
        return writer(database, List.of(sellerKey), takesOver);
    }

    private IncarnationJournalWriter writer(DataSource database, List<String> sellerKeys, @Nullable UUID takesOver) {
        return new IncarnationJournalWriter(
                Installation.journaled(database, CLIENT, topic, true), sellerKeys, takesOver, Set.of(STAGING));
    }

    /** A copy whose server is on another timeline. */
    private static DataSource promotedCopyOf(DataSource original) {
        DataSource copy = database();
        JdbcClient.create(copy)
                .sql(
                        """
                        update ledger.installation
                           set id = :id, draw = :draw, number = :number, drawn_because = :drawn_because, timeline = '000000FF',
                               server_started_at = :server_started_at, drawn_at = :drawn_at, journaled = true""")
                .params(JdbcClient.create(original)
                        .sql("select * from ledger.installation")
                        .query()
                        .singleRow())
                .update();
        return copy;
    }

    @Test
    void a_superseded_database_sends_nothing_until_a_person_decides() {
        DataSource database = database();
        try (IncarnationJournalWriter old = writer(database, "key", null)) {
            assertThat(old.whyNotToSend().orElseThrow()).contains("not known yet");
            old.look();
            assertThat(old.whyNotToSend()).isEmpty();
            try (IncarnationJournalWriter promoted = writer(promotedCopyOf(database), "key", null);
                    Installation decided = Installation.journaled(database, CLIENT, topic, true)) {
                promoted.look();
                old.look();
                assertThat(promoted.whyNotToSend()).isEmpty();
                assertThat(old.whyNotToSend().orElseThrow()).contains("superseded: incarnation 2");
                assertThat(old.isSuperseded()).isTrue();

                decided.draw(new DecidedBy("anna", "the copy was a mistake"));
                promoted.look();
                old.look();
                assertThat(promoted.whyNotToSend().orElseThrow()).contains("superseded: incarnation 3");
                assertThat(old.whyNotToSend()).isEmpty();
            }
        }
    }

    @Test
    void what_is_known_no_more_stops_sending_after_a_while_and_calls_nobody() {
        AtomicLong nanos = new AtomicLong();
        try (IncarnationJournalWriter writer = new IncarnationJournalWriter(
                Installation.journaled(database(), CLIENT, topic, true), List.of("key"), null, Set.of(), nanos::get)) {
            assertThat(writer.isSuperseded()).isFalse();
            writer.look();
            nanos.addAndGet(Duration.ofSeconds(30).toNanos());
            assertThat(writer.whyNotToSend()).isEmpty();

            nanos.incrementAndGet();

            assertThat(writer.whyNotToSend().orElseThrow()).contains("not known since 30 s");
            assertThat(writer.isSuperseded()).isFalse();
            writer.look();
            assertThat(writer.whyNotToSend()).isEmpty();
        }
    }

    @Test
    void of_two_installations_with_one_seller_key_the_second_sends_nothing() {
        try (IncarnationJournalWriter production = writer(database(), "key", null);
                IncarnationJournalWriter staging = writer(database(), "key", null);
                IncarnationJournalWriter another = writer(database(), "another key", null)) {
            production.look();
            staging.look();
            another.look();

            assertThat(production.whyNotToSend()).isEmpty();
            assertThat(staging.whyNotToSend().orElseThrow())
                    .contains(
                            "installation " + production.installation() + " sends under this seller account",
                            "hourledger.journal.takes-over");
            assertThat(staging.isSuperseded()).isTrue();
            assertThat(another.whyNotToSend()).isEmpty();
        }
    }

    /** Its calls are signed with that key, too. */
    @Test
    void whoever_has_anothers_key_as_the_one_before_sends_nothing_and_claims_no_key() {
        try (IncarnationJournalWriter production = writer(database(), "key", null);
                IncarnationJournalWriter staging = writer(database(), List.of("key", "key to come"), null)) {
            production.look();
            staging.look();
            assertThat(production.whyNotToSend()).isEmpty();
            assertThat(staging.whyNotToSend().orElseThrow()).contains("sends under this seller account");
            try (IncarnationJournalWriter another = writer(database(), "key to come", null)) {
                another.look();
                assertThat(another.whyNotToSend()).isEmpty();
            }
        }
    }

    @Test
    void whoever_takes_an_installations_place_sends_under_its_account_and_must_know_its_calls() {
        DataSource lostDatabase = database();
        try (IncarnationJournalWriter lost = writer(lostDatabase, "key", null)) {
            lost.look();
            try (IncarnationJournalWriter rebuilt = writer(database(), "key", lost.installation())) {
                rebuilt.look();
                lost.look();

                assertThat(rebuilt.whyNotToSend()).isEmpty();
                assertThat(rebuilt.mustKnowCallsOf(lost.installation())).isTrue();
                assertThat(lost.whyNotToSend()).isPresent();
            }
        }
    }

    @Test
    void a_database_must_know_the_calls_of_all_but_those_who_read_beside_it() {
        try (IncarnationJournalWriter production = writer(database(), "key", null)) {
            assertThat(production.mustKnowCallsOf(production.installation())).isTrue();
            assertThat(production.mustKnowCallsOf(UUID.randomUUID())).isTrue();
            assertThat(production.mustKnowCallsOf(STAGING)).isFalse();
        }
    }
}
