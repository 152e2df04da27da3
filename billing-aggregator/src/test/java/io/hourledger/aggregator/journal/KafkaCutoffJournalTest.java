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

    private KafkaCutoffJournal connect(String logId) {
        return KafkaCutoffJournal.connect(brokers, topic, logId, true);
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
}
