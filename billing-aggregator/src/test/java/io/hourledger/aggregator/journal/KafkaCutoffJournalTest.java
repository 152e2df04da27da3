package io.hourledger.aggregator.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.PartitionHaltedException;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestBroker;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class KafkaCutoffJournalTest {

    private static final UsageHour TEN = new UsageHour(Instant.parse("2026-03-01T10:00:00Z"));
    private static final Instant RECORDED_AT = Instant.parse("2026-03-01T11:02:00Z");

    private final Map<String, Object> brokers = Map.of("bootstrap.servers", TestBroker.bootstrapServers());
    private final String topic = TestBroker.freshName("hour-cutoffs");

    private static final UUID OURS = UUID.randomUUID();
    private static final UUID OTHERS = UUID.randomUUID();

    private KafkaCutoffJournal connect(String logId) {
        return connect(logId, OURS, 1);
    }

    private KafkaCutoffJournal connect(String logId, UUID installation, long incarnation) {
        return connect(logId, new Writer(installation, () -> incarnation, Optional.empty()));
    }

    private KafkaCutoffJournal connect(String logId, CutoffWriter writer) {
        return KafkaCutoffJournal.connect(brokers, topic, logId, writer, true);
    }

    private record Writer(UUID installation, LongSupplier number, Optional<UUID> takesOver) implements CutoffWriter {

        @Override
        public long incarnation() {
            return number.getAsLong();
        }

        @Override
        public void lookAgain() {}
    }

    private static Cutoff tenEndsAt(long offset) {
        return new Cutoff(TEN, offset, RECORDED_AT);
    }

    @Test
    void whoever_comes_next_knows_the_cutoffs_that_were_acted_upon() {
        try (KafkaCutoffJournal one = connect("log")) {
            one.keep(2, List.of(tenEndsAt(815)));
            one.keep(2, List.of(tenEndsAt(815)));
        }
        try (KafkaCutoffJournal next = connect("log");
                KafkaCutoffJournal ofAnotherLog = connect("another log")) {
            assertThat(next.of(2)).containsExactly(tenEndsAt(815));
            assertThat(next.of(3)).isEmpty();
            assertThat(ofAnotherLog.of(2)).isEmpty();
        }
    }

    @Test
    void an_hour_that_ended_elsewhere_before_is_not_closed() {
        try (KafkaCutoffJournal one = connect("log")) {
            one.keep(2, List.of(tenEndsAt(815)));
        }
        try (KafkaCutoffJournal next = connect("log")) {
            next.of(2);

            assertThatThrownBy(() -> next.keep(2, List.of(tenEndsAt(816))))
                    .isInstanceOf(PartitionHaltedException.class)
                    .hasMessageContainingAll("ends at offset 816", "was closed at offset 815", "before");
            assertThatThrownBy(() -> next.keep(2, List.of(new Cutoff(TEN.next(), 900, RECORDED_AT))))
                    .isInstanceOf(PartitionHaltedException.class)
                    .hasMessageContainingAll("ends with a later one here, and it was closed at offset 815", "before");
            assertThat(next.of(2)).containsExactly(tenEndsAt(815));
        }
    }

    @Test
    void cutoffs_that_are_not_on_the_topic_any_more_are_kept_there_again() throws Exception {
        Cutoff eleven = new Cutoff(TEN.next(), 900, RECORDED_AT.plusSeconds(3600));
        try (KafkaCutoffJournal one = connect("log")) {
            one.keep(2, List.of(tenEndsAt(815)));
            one.of(2);
            try (Admin admin = Admin.create(brokers)) {
                admin.deleteTopics(List.of(topic)).all().get();
            }
            connect("log").close();

            one.keep(2, List.of(tenEndsAt(815), eleven));
        }
        try (KafkaCutoffJournal next = connect("log")) {
            assertThat(next.of(2)).containsExactly(tenEndsAt(815), eleven);
        }
    }

    @Test
    void of_two_who_keep_a_cutoff_of_one_hour_the_second_closes_nothing() {
        try (KafkaCutoffJournal one = connect("log");
                KafkaCutoffJournal other = connect("log")) {
            one.keep(1, List.of(tenEndsAt(7)));
            other.keep(1, List.of(tenEndsAt(7)));
            one.keep(2, List.of(tenEndsAt(815)));

            assertThatThrownBy(() -> other.keep(2, List.of(tenEndsAt(816))))
                    .hasMessageContainingAll("ends at offset 816", "was closed at offset 815", "before");
            assertThat(other.of(2)).containsExactly(tenEndsAt(815));
        }
    }

    @Test
    void a_topic_from_which_cutoffs_were_dropped_does_not_count_as_read() throws Exception {
        try (KafkaCutoffJournal one = connect("log");
                Admin admin = Admin.create(brokers)) {
            one.keep(2, List.of(tenEndsAt(815)));
            admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(1)))
                    .all()
                    .get();
        }
        try (KafkaCutoffJournal next = connect("log")) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> next.of(2))
                        .isInstanceOf(PartitionHaltedException.class)
                        .hasMessageContaining("it begins at 1 and is known up to 0");
            }
        }
    }

    @Test
    void what_another_installation_closes_means_nothing_and_is_said() {
        try (KafkaCutoffJournal staging = connect("log", OTHERS, 1);
                KafkaCutoffJournal production = connect("log")) {
            production.keep(1, List.of(tenEndsAt(3)));
            staging.keep(2, List.of(tenEndsAt(815)));

            production.keep(2, List.of(tenEndsAt(900)));

            assertThat(production.of(2)).containsExactly(tenEndsAt(900));
            assertThat(staging.of(2)).containsExactly(tenEndsAt(815));
            assertThat(production.unnamed(Set.of())).containsExactly(OTHERS);
            assertThat(production.unnamed(Set.of(OTHERS))).isEmpty();
        }
    }

    @Test
    void an_older_incarnation_closes_nothing_once_a_newer_one_has_written() {
        try (KafkaCutoffJournal old = connect("log");
                KafkaCutoffJournal promoted = connect("log", OURS, 2)) {
            old.keep(2, List.of(tenEndsAt(815)));
            assertThat(promoted.of(2)).containsExactly(tenEndsAt(815));

            assertThatThrownBy(() -> old.keep(3, List.of(tenEndsAt(7))))
                    .isInstanceOf(PartitionHaltedException.class)
                    .hasMessageContainingAll("incarnation 2", "this database is incarnation 1");
            promoted.keep(3, List.of(tenEndsAt(9)));

            assertThat(promoted.of(3))
                    .as("what the older one wrote behind the fence")
                    .containsExactly(tenEndsAt(9));
            assertThat(old.whySuperseded()).isPresent();
            assertThat(promoted.whySuperseded()).isEmpty();
        }
        try (KafkaCutoffJournal next = connect("log", OURS, 2)) {
            assertThat(next.of(3)).containsExactly(tenEndsAt(9));
        }
    }

    @Test
    void whoever_is_drawn_again_goes_on_behind_a_fence_of_its_own() {
        AtomicLong drawn = new AtomicLong(1);
        try (KafkaCutoffJournal first = connect("log", new Writer(OURS, drawn::get, Optional.empty()));
                KafkaCutoffJournal second = connect("log", OURS, 2)) {
            first.keep(2, List.of(tenEndsAt(815)));
            second.of(2);
            drawn.set(3);

            first.keep(3, List.of(tenEndsAt(7)));

            assertThat(first.of(3)).containsExactly(tenEndsAt(7));
            assertThat(second.whySuperseded()).isPresent();
        }
    }

    @Test
    void an_installation_that_is_new_to_a_log_must_name_those_who_read_it() {
        try (KafkaCutoffJournal production = connect("log");
                KafkaCutoffJournal staging = connect("log", OTHERS, 1)) {
            production.requireNamed(Set.of());
            production.keep(2, List.of(tenEndsAt(815)));

            assertThatThrownBy(() -> staging.requireNamed(Set.of()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(
                            OURS.toString(), "hourledger.journal.reads-beside", "hourledger.journal.takes-over");
            staging.requireNamed(Set.of(OURS));
            assertThat(staging.of(2)).isEmpty();
            production.requireNamed(Set.of());
            assertThat(production.isOwner()).isTrue();
            assertThat(staging.isOwner())
                    .as("so ingest hears of no catalogue of staging")
                    .isFalse();
        }
    }

    @Test
    void nobody_takes_its_own_place() {
        try (KafkaCutoffJournal journal = connect("log", new Writer(OURS, () -> 1, Optional.of(OURS)))) {
            assertThatThrownBy(() -> journal.requireNamed(Set.of()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the installation of this database itself");
            journal.keep(2, List.of(tenEndsAt(815)));
        }
        try (KafkaCutoffJournal next = connect("log")) {
            assertThat(next.of(2)).as("what such an entry says means nothing").containsExactly(tenEndsAt(815));
            assertThat(next.isOwner()).isTrue();
        }
    }

    @Test
    void whoever_takes_an_installations_place_closes_its_hours_where_they_were_closed() {
        try (KafkaCutoffJournal lost = connect("log");
                KafkaCutoffJournal rebuilt = connect("log", new Writer(OTHERS, () -> 1, Optional.of(OURS)))) {
            lost.keep(2, List.of(tenEndsAt(815)));

            rebuilt.requireNamed(Set.of());
            assertThat(rebuilt.of(2)).containsExactly(tenEndsAt(815));
            assertThat(rebuilt.isOwner()).isTrue();
            assertThatThrownBy(() -> lost.keep(3, List.of(tenEndsAt(7))))
                    .isInstanceOf(PartitionHaltedException.class)
                    .hasMessageContaining("has taken over this usage log");
        }
        try (KafkaCutoffJournal next = connect("log", OTHERS, 1)) {
            assertThat(next.of(2)).as("also without the setting").containsExactly(tenEndsAt(815));
            assertThat(next.of(3)).isEmpty();
        }
    }
}
