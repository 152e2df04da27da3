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
import org.jspecify.annotations.Nullable;

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
        readOn();
        return List.copyOf(ofPartition(partition).values());
    }

    private void readOn() {
        try {
            long end = topic.read(next, this::read);
            if (end < next) {
                // it was lost or made anew: only what is in it now is kept
                known.clear();
                end = topic.read(0, this::read);
            }
            next = end;
        } catch (KafkaException noAnswer) {
            throw new StoreUnavailableException("Kafka did not hand over the cutoffs outside the database", noAnswer);
        }
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
    public synchronized void keep(int partition, List<Cutoff> cutoffs) {
        NavigableMap<Long, Cutoff> here = new TreeMap<>();
        cutoffs.forEach(cutoff -> here.put(cutoff.hour().number(), cutoff));
        if (!ofPartition(partition).keySet().containsAll(here.keySet())) {
            readOn();
        }
        NavigableMap<Long, Cutoff> kept = ofPartition(partition);
        for (Cutoff before : kept.headMap(here.lastKey(), true).values()) {
            Cutoff now = here.get(before.hour().number());
            if (now == null || now.offset() != before.offset()) {
                throw endsElsewhere(partition, before, now);
            }
        }
        for (Cutoff cutoff : here.values()) {
            if (!kept.containsKey(cutoff.hour().number())) {
                append(partition, cutoff);
                kept.put(cutoff.hour().number(), cutoff);
            }
        }
    }

    private static IllegalStateException endsElsewhere(int partition, Cutoff before, @Nullable Cutoff now) {
        return new IllegalStateException(
                "hour " + before.hour() + " of partition " + partition + " "
                        + (now == null ? "ends with a later one" : "ends at offset " + now.offset())
                        + " here, and it was closed at "
                        + before.offset()
                        + " before: its amounts may differ from what was reported, so nothing is closed until a person has looked (docs/restore.md)");
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
            throw new StoreUnavailableException("Kafka did not keep a cutoff outside the database", noAnswer);
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
