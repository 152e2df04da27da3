package io.hourledger.aggregator.outside;

import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.OutsideCutoffs;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.outside.OutsideTopic;
import io.hourledger.ledger.outside.OutsideTopic.Entry;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.common.KafkaException;

/** Cutoffs on a topic from which nothing is dropped. Of two for one hour the first holds: it was acted upon. */
public final class KafkaCutoffs implements OutsideCutoffs, AutoCloseable {

    private static final String CUTOFF = "cutoff";
    private static final byte[] NOTHING_MORE = {};

    private final OutsideTopic topic;
    private final String logId;
    private final Map<Integer, NavigableMap<Long, Cutoff>> known = new HashMap<>();
    private long next;

    private KafkaCutoffs(OutsideTopic topic, String logId) {
        this.topic = topic;
        this.logId = logId;
    }

    /**
     * @param clientSettings how to reach the brokers, by Kafka's own names
     * @param topic made if it is not there yet
     * @param logId of the log whose cutoffs these are; those of other logs on the same topic mean nothing here
     */
    public static KafkaCutoffs connect(Map<String, Object> clientSettings, String topic, String logId) {
        return new KafkaCutoffs(OutsideTopic.connect(clientSettings, topic), logId);
    }

    @Override
    public synchronized List<Cutoff> of(int partition) {
        next = topic.read(next, this::read);
        return List.copyOf(ofPartition(partition).values());
    }

    private void read(Entry entry) {
        if (entry.kind().equals(CUTOFF) && entry.fact("log").equals(logId)) {
            Cutoff cutoff = new Cutoff(
                    new UsageHour(Instant.parse(entry.fact("hour"))),
                    Long.parseLong(entry.fact("offset")),
                    Instant.parse(entry.fact("recorded-at")));
            ofPartition(Integer.parseInt(entry.fact("partition")))
                    .putIfAbsent(cutoff.hour().number(), cutoff);
        }
    }

    @Override
    public synchronized void keep(int partition, Cutoff cutoff) {
        Cutoff before = ofPartition(partition).get(cutoff.hour().number());
        if (before == null) {
            append(partition, cutoff);
            ofPartition(partition).put(cutoff.hour().number(), cutoff);
        } else if (before.offset() != cutoff.offset()) {
            throw new IllegalStateException(
                    "hour " + cutoff.hour() + " of partition " + partition + " ends at offset "
                            + cutoff.offset() + " here, and it was closed at " + before.offset()
                            + " before: its amounts may differ from what was reported, so it is not closed until a person has looked (docs/restore.md)");
        }
    }

    private void append(int partition, Cutoff cutoff) {
        try {
            topic.append(
                    CUTOFF,
                    Map.of(
                            "log", logId,
                            "partition", Integer.toString(partition),
                            "hour", cutoff.hour().start().toString(),
                            "offset", Long.toString(cutoff.offset()),
                            "recorded-at", cutoff.recordedAt().toString()),
                    NOTHING_MORE);
        } catch (KafkaException noAnswer) {
            throw new StoreUnavailableException("keep a cutoff outside the database", noAnswer);
        }
    }

    private NavigableMap<Long, Cutoff> ofPartition(int partition) {
        return known.computeIfAbsent(partition, none -> new TreeMap<>());
    }

    @Override
    public void close() {
        topic.close();
    }
}
