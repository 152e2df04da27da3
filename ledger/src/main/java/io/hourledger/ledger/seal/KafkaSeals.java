package io.hourledger.ledger.seal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.ledger.journal.JournalTopic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Keeps seals in a topic from which nothing is ever dropped. Several processes may seal at the same time: they say the same of the same number
 * of events, and what is read back is in the order of those numbers.
 */
public final class KafkaSeals implements SealSink, AutoCloseable {

    private static final String SEAL = "seal";

    private final JournalTopic topic;

    private KafkaSeals(JournalTopic topic) {
        this.topic = topic;
    }

    /**
     * Makes the topic if it is not there yet.
     *
     * @param clientSettings how to reach the brokers, by Kafka's own names; others are left out
     * @param unsafeAllowed whether it may be a topic that loses seals with one broker; for tests and the demo
     * @throws IllegalStateException with a sentence for a person, if the topic is one that drops or may lose seals
     */
    public static KafkaSeals connect(Map<String, Object> clientSettings, String topic, boolean unsafeAllowed) {
        return new KafkaSeals(JournalTopic.connect(clientSettings, topic, unsafeAllowed));
    }

    @Override
    public void keep(Seal seal) {
        topic.append(SEAL, Map.of(), seal.line().getBytes(UTF_8));
    }

    /**
     * All seals, by the number of events they speak of; each once, however often it was kept.
     *
     * @param clientSettings how to reach the brokers, by Kafka's own names; others are left out
     * @return empty if there is no such topic
     */
    public static List<Seal> all(Map<String, Object> clientSettings, String topic) {
        List<Seal> seals = new ArrayList<>();
        JournalTopic.readIfThere(
                clientSettings, topic, entry -> seals.add(Seal.parse(new String(entry.value(), UTF_8))));
        return seals.stream()
                .distinct()
                .sorted(Comparator.comparingLong(Seal::eventCount))
                .toList();
    }

    @Override
    public void close() {
        topic.close();
    }
}
