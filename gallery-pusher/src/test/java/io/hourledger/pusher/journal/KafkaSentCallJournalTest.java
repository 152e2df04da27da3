package io.hourledger.pusher.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.embedded.TestBroker;
import io.hourledger.pusher.push.SentCallJournal.Extent;
import io.hourledger.pusher.push.SentCallJournal.Page;
import io.hourledger.pusher.push.SentCallJournal.SentCall;
import io.hourledger.pusher.push.SentCallJournal.SentPage;
import io.hourledger.pusher.push.SentCallJournal.SettledCall;
import io.hourledger.pusher.push.SentCallJournal.SettledPage;
import io.hourledger.pusher.push.SentCallJournal.SuspensionDecision;
import io.hourledger.pusher.push.SentCallJournal.SuspensionPage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class KafkaSentCallJournalTest {

    private static final Map<String, Object> CLIENT = Map.of("bootstrap.servers", TestBroker.bootstrapServers());
    private static final Instant TEN = Instant.parse("2026-11-24T10:02:00Z");

    private static final UUID OURS = UUID.randomUUID();
    private static final UUID STAGING = UUID.randomUUID();

    private static KafkaSentCallJournal journal(String topic, boolean unsafeAllowed, @Nullable Duration retention) {
        return new KafkaSentCallJournal(CLIENT, topic, unsafeAllowed, retention, new Writer(OURS));
    }

    private record Writer(UUID installation) implements JournalWriter {

        @Override
        public boolean mustKnowCallsOf(UUID writer) {
            return !writer.equals(STAGING);
        }

        @Override
        public Optional<String> whyNotToSend() {
            return Optional.empty();
        }

        @Override
        public boolean isSuperseded() {
            return false;
        }

        @Override
        public void close() {}
    }

    @Test
    void what_an_installation_beside_has_sent_is_not_read() {
        try (KafkaSentCallJournal staging =
                        new KafkaSentCallJournal(CLIENT, "sent-shared", true, null, new Writer(STAGING));
                KafkaSentCallJournal production = journal("sent-shared", true, null)) {
            SentCall call = new SentCall("seller", 7, 3, TEN, "{}".getBytes(UTF_8));
            long place = staging.sent(call);
            staging.settled(new SettledCall("seller", 7, 3, place, List.of("reported")));
            production.sent(call);

            List<Page> pages = new ArrayList<>();
            assertThat(production.read(0, pages::add)).isEqualTo(new Extent(0, 3));
            assertThat(pages).extracting(Page::place).containsExactly(2L);
        }
    }

    @Test
    void what_an_installation_that_nobody_named_has_sent_is_read() {
        try (KafkaSentCallJournal lost =
                        new KafkaSentCallJournal(CLIENT, "sent-lost", true, null, new Writer(UUID.randomUUID()));
                KafkaSentCallJournal rebuilt = journal("sent-lost", true, null)) {
            lost.sent(new SentCall("seller", 7, 3, TEN, "{}".getBytes(UTF_8)));

            List<Page> pages = new ArrayList<>();
            rebuilt.read(0, pages::add);
            assertThat(pages).hasSize(1);
        }
    }

    @Test
    void what_was_written_is_read_in_its_order_by_whoever_comes_later() {
        try (KafkaSentCallJournal writer = journal("sent-1", true, null);
                KafkaSentCallJournal reader = journal("sent-1", true, null)) {
            assertThat(writer.read(0, page -> {})).isEqualTo(new Extent(0, 0));
            SentCall call = new SentCall("seller", 7, 3, TEN, "{\"usage_records\":[]}".getBytes(UTF_8));
            long sent = writer.sent(call);
            SettledCall outcome = new SettledCall("seller", 7, 3, sent, List.of("reported", "again"));
            assertThat(writer.settled(outcome)).isEqualTo(sent + 1);
            SuspensionDecision decision = new SuspensionDecision(
                    "seller", UUID.randomUUID(), SuspensionDecision.Verb.SUSPENDED, "li.wei", "质量问题", TEN);
            assertThat(writer.decided(decision)).isEqualTo(sent + 2);

            List<Page> pages = new ArrayList<>();
            assertThat(reader.read(0, pages::add)).isEqualTo(new Extent(0, 3));
            assertThat(pages).hasSize(3);
            assertThat(pages.get(2)).isEqualTo(new SuspensionPage(sent + 2, decision));
            assertThat(((SentPage) pages.get(0)).call().body()).isEqualTo(call.body());
            assertThat(((SentPage) pages.get(0)).call().at()).isEqualTo(TEN);
            assertThat(pages.get(1)).isEqualTo(new SettledPage(1, outcome));

            pages.clear();
            assertThat(reader.read(1, pages::add)).isEqualTo(new Extent(0, 3));
            assertThat(pages).hasSize(2);
            assertThat(reader.read(9, pages::add)).isEqualTo(new Extent(0, 3));
        }
    }

    @Test
    void a_topic_from_which_entries_were_dropped_says_so() throws Exception {
        try (Admin admin = Admin.create(CLIENT);
                KafkaSentCallJournal journal = journal("sent-cut", true, null)) {
            SentCall call = new SentCall("seller", 7, 3, TEN, "{\"usage_records\":[]}".getBytes(UTF_8));
            journal.sent(call);
            journal.sent(call);
            admin.deleteRecords(Map.of(new TopicPartition("sent-cut", 0), RecordsToDelete.beforeOffset(1)))
                    .all()
                    .get();

            List<Page> pages = new ArrayList<>();
            assertThat(journal.read(0, pages::add)).isEqualTo(new Extent(1, 2));
            assertThat(pages).hasSize(1);
        }
    }

    @Test
    void a_topic_that_could_lose_entries_with_a_broker_is_refused_unless_that_is_allowed() {
        try (KafkaSentCallJournal allowed = journal("sent-one-copy", true, null);
                KafkaSentCallJournal there = journal("sent-one-copy", false, null);
                KafkaSentCallJournal made = journal("sent-three-copies", false, null)) {
            allowed.read(0, page -> {});
            assertThatThrownBy(() -> there.read(0, page -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("it has 1 replica(s) and must have 3")
                    .hasMessageContaining("hourledger.kafka.unsafe-topic-allowed=true");
            assertThatThrownBy(() -> made.read(0, page -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("it cannot be made with 3 replicas");
        }
    }

    @Test
    void a_topic_that_would_drop_what_was_sent_is_refused() throws Exception {
        try (Admin admin = Admin.create(CLIENT);
                KafkaSentCallJournal journal = journal("sent-short", true, null)) {
            NewTopic shortLived = new NewTopic("sent-short", Optional.of(1), Optional.empty());
            admin.createTopics(List.of(shortLived.configs(Map.of("retention.ms", "60000"))))
                    .all()
                    .get();
            assertThatThrownBy(() -> journal.read(0, page -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("retention.ms is 60000 and must be -1");
        }
    }

    /** As long as the oldest backup that is still restored. */
    @Test
    void a_topic_may_drop_calls_that_are_older_than_it_was_told_to_keep_them() {
        Duration ninetyDays = Duration.ofDays(90);
        try (KafkaSentCallJournal made = journal("sent-90-days", true, ninetyDays);
                KafkaSentCallJournal longer = journal("sent-90-days", true, ninetyDays.plusDays(1))) {
            made.read(0, page -> {});
            assertThatThrownBy(() -> longer.read(0, page -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("retention.ms is 7776000000 and must be 7862400000 or more");
        }
    }
}
