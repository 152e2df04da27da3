package io.hourledger.pusher.notice;

import io.hourledger.ledger.store.IndexScansOnly;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** What the notices' figures are called, and the look at the tables behind them. A channel is the topic or an endpoint. */
final class NoticeMetrics {

    static final String TOPIC = "topic";

    private static final String OLDEST = "notice.oldest.undelivered.age.seconds";
    private static final String DEAD = "notice.dead.letters";
    private static final String TRIES = "notice.deliveries";

    private static final long KNOWN_FOR_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final String OLDEST_OF_TOPIC =
            """
            select extract(epoch from clock_timestamp() - recorded_at)::float8 from pusher.notice
             where position > (select published from pusher.notice_topic) order by position limit 1""";

    private static final String OLDEST_OF_ENDPOINT =
            """
            select extract(epoch from clock_timestamp() - notice.recorded_at)::float8
              from pusher.notice_queue queue
              join pusher.notice on notice.position = queue.position
             where queue.endpoint = :endpoint and queue.resend_of = 0
             order by queue.position limit 1""";

    private static final String OPEN_DEAD_LETTERS =
            "select count(*) from pusher.notice_dead_letter where resent_at is null";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final MeterRegistry registry;
    private final Map<String, Seen> ages = new ConcurrentHashMap<>();
    private volatile Seen deadLetters = new Seen(Double.NaN, System.nanoTime());

    NoticeMetrics(JdbcClient jdbc, TransactionTemplate transaction, MeterRegistry registry) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.registry = registry;
    }

    private record Seen(double value, long atNanos) {

        private double elapsedSeconds() {
            return (System.nanoTime() - atNanos) / 1e9;
        }

        /** What is known no more is shown as such. */
        double lately() {
            return System.nanoTime() - atNanos > KNOWN_FOR_NANOS ? Double.NaN : value;
        }

        /** An age grows though nobody looks; that nothing waits is known for a minute only. */
        double ageNow() {
            return value > 0 ? value + elapsedSeconds() : lately();
        }
    }

    /** Also of endpoints that are in the settings no more. */
    void registerDeadLetters() {
        Gauge.builder(DEAD, () -> deadLetters.lately())
                .description("notices that an endpoint did not take in time and nobody has sent again")
                .register(registry);
    }

    void registerTopic() {
        registerAge(TOPIC);
    }

    void registerEndpoint(String endpoint) {
        registerAge(endpoint);
        for (String outcome : List.of("delivered", "not-taken", "endpoint-fails")) {
            counter(endpoint, outcome);
        }
    }

    private void registerAge(String channel) {
        Gauge.builder(OLDEST, () -> oldestSeconds(channel))
                .description("how long the oldest notice waits that was not delivered; 0 if none does")
                .baseUnit("seconds")
                .tag("channel", channel)
                .register(registry);
    }

    /** How long the oldest notice waits; 0 if none does, NaN if nobody could see. */
    double oldestSeconds(String channel) {
        return known(ages, channel).ageNow();
    }

    private static Seen known(Map<String, Seen> figures, String channel) {
        return figures.getOrDefault(channel, new Seen(Double.NaN, System.nanoTime()));
    }

    /** A notice was sent to an endpoint once. */
    void tried(String endpoint, DeliveryOutcome outcome) {
        counter(
                        endpoint,
                        switch (outcome) {
                            case DeliveryOutcome.Delivered _ -> "delivered";
                            case DeliveryOutcome.NotTaken _ -> "not-taken";
                            case DeliveryOutcome.EndpointFails _ -> "endpoint-fails";
                        })
                .increment();
    }

    private Counter counter(String endpoint, String outcome) {
        return Counter.builder(TRIES)
                .description("tries to deliver a notice to an endpoint, by outcome")
                .tag("endpoint", endpoint)
                .tag("outcome", outcome)
                .register(registry);
    }

    void lookAtTopic() {
        ages.put(TOPIC, seen(jdbc.sql(OLDEST_OF_TOPIC)));
    }

    void lookAtEndpoint(String endpoint) {
        ages.put(endpoint, seen(jdbc.sql(OLDEST_OF_ENDPOINT).param("endpoint", endpoint)));
    }

    void lookAtDeadLetters() {
        deadLetters = seen(jdbc.sql(OPEN_DEAD_LETTERS));
    }

    private Seen seen(JdbcClient.StatementSpec question) {
        return Objects.requireNonNull(transaction.execute(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            return new Seen(question.query(Double.class).optional().orElse(0.0), System.nanoTime());
        }));
    }
}
