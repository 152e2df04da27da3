package io.hourledger.pusher.notice;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.ledger.journal.JournalTopic;
import io.hourledger.ledger.store.IndexScansOnly;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Puts notices on the Kafka topic in their order. One process at a time does so, by a row that names it for a while. A process that was killed, or
 * stopped for longer, leaves notices that its successor publishes again: with the same ids, and none before its predecessor was there.
 */
final class NoticePublisher implements AutoCloseable {

    private static final int WAVE = 500;
    /** Longer than Kafka may take to acknowledge a wave. */
    private static final Duration MINE = Duration.ofSeconds(30);

    private static final Map<String, String> HEADERS = Map.of("content-type", NoticeJson.MEDIA_TYPE);

    private static final String TAKE =
            """
            update pusher.notice_topic set owner = :owner, until = clock_timestamp() + make_interval(secs => :seconds)
             where owner = :owner or until is null or until < clock_timestamp()
            returning published""";

    private static final String NEXT =
            """
            select position, instance_id, body from pusher.notice
             where position > :published order by position limit :wave""";

    private static final String MOVE =
            "update pusher.notice_topic set published = :last where published = :published and owner = :owner";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Supplier<JournalTopic> connect;
    private final String owner = UUID.randomUUID().toString();
    private @Nullable JournalTopic connected;

    /**
     * @param connect called when there is something to publish: Kafka may be away at the start
     */
    NoticePublisher(JdbcClient jdbc, TransactionTemplate transaction, Supplier<JournalTopic> connect) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.connect = connect;
    }

    private record Unpublished(long position, String instanceId, String body) {}

    private record Wave(long published, List<Unpublished> notices) {}

    /**
     * Publishes a wave of notices and waits until Kafka has them.
     *
     * @return how many were published; 0 if there is nothing to do here
     */
    synchronized int publish() {
        if (connected == null) {
            // also before there is a notice: a topic that could lose notices is alarmed early
            connected = connect.get();
        }
        Optional<Wave> wave = transaction.execute(tx -> next());
        if (wave == null || wave.isEmpty()) {
            return 0;
        }
        List<Unpublished> notices = wave.get().notices();
        Objects.requireNonNull(connected)
                .appendAll(notices.stream()
                        .map(notice -> new JournalTopic.NewEntry(
                                notice.instanceId(), HEADERS, notice.body().getBytes(UTF_8)))
                        .toList());
        jdbc.sql(MOVE)
                .param("last", notices.getLast().position())
                .param("published", wave.get().published())
                .param("owner", owner)
                .update();
        return notices.size();
    }

    private Optional<Wave> next() {
        jdbc.sql(IndexScansOnly.SET).query().listOfRows();
        Optional<Long> published = jdbc.sql(
                        "select published from pusher.notice_topic where exists (select from pusher.notice where position > published)")
                .query(Long.class)
                .optional();
        if (published.isEmpty()) {
            return Optional.empty();
        }
        return jdbc.sql(TAKE)
                .param("owner", owner)
                .param("seconds", MINE.toSeconds())
                .query(Long.class)
                .optional()
                .map(from -> new Wave(from, oneOfEachInstance(unpublished(from))))
                .filter(wave -> !wave.notices().isEmpty());
    }

    private List<Unpublished> unpublished(long from) {
        return jdbc.sql(NEXT)
                .param("published", from)
                .param("wave", WAVE)
                .query((row, n) -> new Unpublished(row.getLong(1), row.getString(2), row.getString(3)))
                .list();
    }

    /** Of a wave some may be kept by Kafka and some not. So the second notice of an instance waits until its first one is kept. */
    private static List<Unpublished> oneOfEachInstance(List<Unpublished> notices) {
        Set<String> instances = new HashSet<>();
        List<Unpublished> wave = new ArrayList<>();
        for (Unpublished notice : notices) {
            if (!instances.add(notice.instanceId())) {
                break;
            }
            wave.add(notice);
        }
        return wave;
    }

    @Override
    public synchronized void close() {
        if (connected != null) {
            connected.close();
        }
    }
}
