package io.hourledger.pusher;

import io.hourledger.pusher.journal.KafkaSentCallJournal;
import io.hourledger.pusher.push.SentCallJournal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Where sent calls are written down outside the database.
 *
 * @param topic the Kafka topic; made with one partition if it is not there
 * @param retention how long it keeps calls, at least as long as the oldest backup that is still restored; null for ever
 * @param unsafeWithout whether nothing is written down: a database that goes back to an earlier state is not noticed then
 */
@ConfigurationProperties("hourledger.journal")
record SentCallJournalSettings(
        @DefaultValue("sent-usage-records") String topic,
        @Nullable Duration retention,
        @DefaultValue("false") boolean unsafeWithout) {

    /** A call that is younger can still be made again: the marketplace takes its records. */
    private static final Duration SHORTEST_RETENTION = Duration.ofDays(30);

    SentCallJournalSettings {
        if (topic.isBlank()) {
            throw new IllegalArgumentException(
                    "hourledger.journal.topic must not be empty; sent-usage-records is usual");
        }
        if (retention != null && retention.compareTo(SHORTEST_RETENTION) < 0) {
            throw new IllegalArgumentException("hourledger.journal.retention is " + retention
                    + "; it must be 30d or more, and as long as you keep backups");
        }
    }

    /**
     * How Kafka is reached.
     *
     * @param bootstrapServers brokers to ask first, as host:port separated by commas
     * @param unsafeTopicAllowed write calls down on a topic that can lose what it acknowledged; for tests and the demo
     * @param client further settings of Kafka's clients by Kafka's own names, such as those of security
     */
    @ConfigurationProperties("hourledger.kafka")
    record Brokers(
            @Nullable String bootstrapServers,
            @DefaultValue("false") boolean unsafeTopicAllowed,
            @DefaultValue Map<String, String> client) {}

    /** Makes the journal. */
    @Configuration(proxyBeanMethods = false)
    static class JournalConfiguration {

        @Bean
        SentCallJournal sentCallJournal(SentCallJournalSettings settings, Brokers brokers) {
            if (settings.unsafeWithout()) {
                return SentCallJournal.NONE;
            }
            String servers = brokers.bootstrapServers();
            if (servers == null || servers.isBlank()) {
                throw new IllegalArgumentException(
                        "hourledger.kafka.bootstrap-servers is not set: the pusher writes every call"
                                + " down on a Kafka topic, so that a database restored from a backup is noticed; name the brokers as"
                                + " host:port, separated by commas, or do without by hourledger.journal.unsafe-without=true");
            }
            Map<String, Object> client = new HashMap<>(brokers.client());
            client.put("bootstrap.servers", servers);
            return new KafkaSentCallJournal(
                    client, settings.topic(), brokers.unsafeTopicAllowed(), settings.retention());
        }
    }
}
