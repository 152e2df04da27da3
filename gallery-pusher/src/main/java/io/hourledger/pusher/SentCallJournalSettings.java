package io.hourledger.pusher;

import io.hourledger.ledger.installation.Installation;
import io.hourledger.pusher.journal.IncarnationJournalWriter;
import io.hourledger.pusher.journal.KafkaSentCallJournal;
import io.hourledger.pusher.notice.NoticeBrokers;
import io.hourledger.pusher.push.SentCallJournal;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Where sent calls are written down outside the database, and for whom.
 *
 * @param topic the Kafka topic of the first seller account; made with one partition if it is not there. Every other account has one of this
 *     name, a dot and its own name
 * @param installationsTopic the Kafka topic of the incarnations of all installations; made in the same way, and without an end to its retention
 * @param readsBeside the ids of other installations, such as staging, whose calls on the topic are not this one's; all others suspend pushing
 * @param takesOver the id of an installation whose database is gone for good, and whose seller account is this one's from now on; null for none
 * @param retention how long it keeps calls, at least as long as the oldest backup that is still restored; null for ever
 * @param unsafeWithout whether nothing is written down: a database that goes back to an earlier state is not noticed then
 */
@ConfigurationProperties("hourledger.journal")
record SentCallJournalSettings(
        @DefaultValue("sent-usage-records") String topic,
        @DefaultValue(Installation.USUAL_TOPIC) String installationsTopic,
        @DefaultValue Set<UUID> readsBeside,
        @Nullable UUID takesOver,
        @Nullable Duration retention,
        @DefaultValue("false") boolean unsafeWithout) {

    /** A call that is younger can still be made again: the marketplace takes its records. */
    private static final Duration SHORTEST_RETENTION = Duration.ofDays(30);

    SentCallJournalSettings {
        if (topic.isBlank()) {
            throw new IllegalArgumentException(
                    "hourledger.journal.topic must not be empty; sent-usage-records is usual");
        }
        if (installationsTopic.isBlank()) {
            throw new IllegalArgumentException("hourledger.journal.installations-topic must not be empty; "
                    + Installation.USUAL_TOPIC + " is usual");
        }
        readsBeside = Set.copyOf(readsBeside);
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
            @DefaultValue Map<String, String> client) {

        /** Settings of Kafka's clients by Kafka's own names; empty if no brokers are named. */
        Map<String, Object> clientSettings() {
            if (bootstrapServers == null || bootstrapServers.isBlank()) {
                return Map.of();
            }
            Map<String, Object> settings = new HashMap<>(client);
            settings.put("bootstrap.servers", bootstrapServers);
            return settings;
        }
    }

    /** Makes the journal. */
    @Configuration(proxyBeanMethods = false)
    static class JournalConfiguration {

        @Bean
        NoticeBrokers noticeBrokers(Brokers brokers) {
            return new NoticeBrokers(brokers.clientSettings(), brokers.unsafeTopicAllowed());
        }

        /** A database that another one has superseded tells the apps nothing: the other one does. */
        @Bean
        BooleanSupplier noticesAllowed(SentCallJournals journals) {
            return () -> !journals.isSuperseded();
        }

        @Bean
        SentCallJournals sentCallJournals(
                SentCallJournalSettings settings,
                Brokers brokers,
                PusherSettings pusher,
                DataSource database,
                JdbcClient tablesAreThere) {
            Map<String, SentCallJournal> byAccount = new LinkedHashMap<>();
            if (settings.unsafeWithout()) {
                pusher.sellerAccounts().forEach(account -> byAccount.put(account.name(), SentCallJournal.NONE));
                return new SentCallJournals(byAccount);
            }
            Map<String, Object> client = brokers.clientSettings();
            if (client.isEmpty()) {
                throw new IllegalArgumentException(
                        "hourledger.kafka.bootstrap-servers is not set: the pusher writes every call"
                                + " down on a Kafka topic, so that a database restored from a backup is noticed; name the brokers as"
                                + " host:port, separated by commas, or do without by hourledger.journal.unsafe-without=true");
            }
            Installation installation = Installation.journaled(
                    database, client, settings.installationsTopic(), brokers.unsafeTopicAllowed());
            for (SellerAccountSettings account : pusher.sellerAccounts()) {
                byAccount.put(
                        account.name(),
                        new KafkaSentCallJournal(
                                client,
                                settings.topicOf(account.name(), pusher.account()),
                                brokers.unsafeTopicAllowed(),
                                settings.retention(),
                                new IncarnationJournalWriter(
                                                installation,
                                                account.keys().allSellerKeys(),
                                                settings.takesOver(),
                                                settings.readsBeside())
                                        .start()));
            }
            return new SentCallJournals(byAccount);
        }
    }

    /** The topic of an account's calls: that of the settings for their first account, and one behind a dot for every other. */
    String topicOf(String account, String first) {
        return account.equals(first) ? topic : topic + "." + account;
    }
}
