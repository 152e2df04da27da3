package io.hourledger.pusher.notice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.instance.InstanceCommand.ReleaseInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.journal.JournalTopic;
import io.hourledger.ledger.journal.JournalTopic.Entry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("servers")
class NoticeTopicTest {

    private static final Duration A_DAY = Duration.ofHours(24);

    private final NoticeRig rig = new NoticeRig();

    @AfterEach
    void close() {
        rig.close();
    }

    private NoticePublisher publisher() {
        return new NoticePublisher(
                rig.jdbc,
                rig.transaction,
                () -> JournalTopic.connect(NoticeRig.KAFKA, rig.topic, true, Duration.ofDays(30)));
    }

    private static JsonNode json(Entry entry) {
        return JsonMapper.shared().readTree(entry.value());
    }

    private static List<String> texts(List<Entry> entries) {
        return entries.stream().map(entry -> new String(entry.value(), UTF_8)).toList();
    }

    private void runUntilPublished(int notices) {
        NoticeDelivery running = rig.start(rig.settings(A_DAY));
        try {
            NoticeRig.until(
                    notices + " notices on the topic", () -> rig.published().size() >= notices);
        } finally {
            running.close();
        }
    }

    @Test
    void what_happens_to_an_instance_stands_on_the_topic_in_its_order() {
        rig.open("i-1");
        rig.open("i-2");
        rig.freeze("i-1", 1);
        rig.unfreeze("i-1", 2);
        rig.handle(new ReleaseInstance(new InstanceId("i-1"), "order-9", NoticeRig.NINE.plusSeconds(300)));
        runUntilPublished(5);

        List<Entry> published = rig.published();
        assertThat(published).hasSize(5).allSatisfy(entry -> {
            assertThat(entry.kind()).isEqualTo(json(entry).path("subject").asString(""));
            assertThat(entry.facts()).containsEntry("content-type", "application/cloudevents+json");
        });
        List<JsonNode> first = published.stream()
                .map(NoticeTopicTest::json)
                .filter(event -> event.path("subject").asString("").equals("i-1"))
                .toList();
        assertThat(first)
                .extracting(event -> event.path("type").asString("").replace("io.hourledger.instance.", ""))
                .containsExactly("opened", "frozen", "unfrozen", "released");
        assertThat(first)
                .extracting(event -> event.path("sequence").asString(""))
                .isSorted();
        assertThat(published)
                .extracting(entry -> json(entry).path("id").asString(""))
                .doesNotHaveDuplicates();
    }

    @Test
    void a_notice_that_is_made_again_has_the_same_id_and_the_same_bytes() {
        rig.open("i-1");
        rig.freeze("i-1", 1);
        runUntilPublished(2);
        List<String> before = texts(rig.published());

        // as after a database of before was put in place
        rig.jdbc.sql("delete from ledger.reader where name = 'notices'").update();
        rig.jdbc.sql("truncate pusher.notice").update();
        rig.jdbc.sql("update pusher.notice_topic set published = 0").update();
        runUntilPublished(4);

        List<String> all = texts(rig.published());
        assertThat(all.subList(0, 2)).isEqualTo(before);
        assertThat(all.subList(2, 4)).isEqualTo(before);
    }

    @Test
    void a_publisher_that_was_killed_after_kafka_took_a_wave_repeats_that_wave() {
        rig.open("i-1");
        rig.open("i-2");
        runUntilPublished(2);
        List<String> before = texts(rig.published());
        rig.jdbc
                .sql("update pusher.notice_topic set published = 0, until = clock_timestamp() - interval '1 s'")
                .update();

        try (NoticePublisher successor = publisher()) {
            assertThat(successor.publish()).isEqualTo(2);
            assertThat(successor.publish()).isZero();
        }

        assertThat(texts(rig.published()).subList(2, 4)).isEqualTo(before);
    }

    @Test
    void of_two_publishers_one_publishes_until_its_time_is_over() {
        rig.open("i-1");
        runUntilPublished(1);
        rig.jdbc
                .sql("update pusher.notice_topic set published = 0, until = clock_timestamp() - interval '1 s'")
                .update();
        try (NoticePublisher one = publisher();
                NoticePublisher two = publisher()) {
            assertThat(one.publish()).isEqualTo(1);
            rig.jdbc.sql("update pusher.notice_topic set published = 0").update();
            assertThat(two.publish()).isZero();

            rig.jdbc
                    .sql("update pusher.notice_topic set until = clock_timestamp() - interval '1 s'")
                    .update();
            assertThat(two.publish()).isEqualTo(1);
        }
    }

    /** Of a wave Kafka may keep the later and not the earlier: so no two of one instance are in it. */
    @Test
    void a_wave_holds_one_notice_of_an_instance() {
        rig.open("i-1");
        rig.freeze("i-1", 1);
        rig.open("i-2");
        runUntilPublished(3);
        rig.jdbc
                .sql("update pusher.notice_topic set published = 0, until = clock_timestamp() - interval '1 s'")
                .update();

        try (NoticePublisher publisher = publisher()) {
            assertThat(publisher.publish()).isEqualTo(1);
            assertThat(publisher.publish()).isEqualTo(2);
        }
    }

    @Test
    void a_topic_that_drops_notices_too_soon_is_refused_by_name() {
        JournalTopic.connect(NoticeRig.KAFKA, rig.topic, true, Duration.ofDays(1))
                .close();

        assertThatThrownBy(() -> publisher().publish())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("retention.ms")
                .hasMessageContaining(rig.topic);
    }

    @Test
    void what_was_published_is_dropped_when_it_is_old() {
        rig.open("i-1");
        runUntilPublished(1);
        rig.jdbc
                .sql("update pusher.notice set recorded_at = recorded_at - interval '40 days'")
                .update();
        rig.jdbc
                .sql("insert into pusher.notice_dead_letter (endpoint, position, tries, last_error)"
                        + " select 'shop', position, 1, 'HTTP 500' from pusher.notice")
                .update();

        NoticeStorage.dropOld(rig.jdbc, Duration.ofDays(30), true);
        assertThat(notices()).isEqualTo(1);

        rig.jdbc
                .sql("update pusher.notice_dead_letter set resent_at = clock_timestamp()")
                .update();
        NoticeStorage.dropOld(rig.jdbc, Duration.ofDays(30), true);
        assertThat(notices()).isZero();
    }

    private long notices() {
        return rig.jdbc
                .sql("select count(*) from pusher.notice")
                .query(Long.class)
                .single();
    }

    @Test
    void the_age_of_what_waits_for_the_topic_is_a_figure() {
        rig.open("i-1");
        runUntilPublished(1);
        rig.jdbc
                .sql("update pusher.notice_topic set published = 0, owner = 'another', until = 'infinity'")
                .update();
        rig.jdbc
                .sql("update pusher.notice set recorded_at = recorded_at - interval '10 minutes'")
                .update();

        NoticeMetrics metrics = new NoticeMetrics(rig.jdbc, rig.transaction, rig.metrics);
        metrics.lookAtTopic();

        assertThat(metrics.oldestSeconds(NoticeMetrics.TOPIC)).isGreaterThan(600);
    }
}
