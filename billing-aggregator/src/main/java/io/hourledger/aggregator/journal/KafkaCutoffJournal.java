package io.hourledger.aggregator.journal;

import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.CutoffJournal;
import io.hourledger.aggregator.hour.HaltReason;
import io.hourledger.aggregator.hour.PartitionHaltedException;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.journal.JournalTopic;
import io.hourledger.ledger.journal.JournalTopic.Entry;
import io.hourledger.ledger.journal.JournalTopic.Extent;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Cutoffs on a topic from which nothing is dropped. Of two for one hour the first holds: it was acted upon. */
public final class KafkaCutoffJournal implements CutoffJournal, AutoCloseable {

    private static final String CUTOFF = "cutoff";
    private static final byte[] NOTHING_MORE = {};

    private final JournalTopic topic;
    private final String logId;
    private final Map<Integer, NavigableMap<Long, Cutoff>> known = new HashMap<>();
    private long next;

    private KafkaCutoffJournal(JournalTopic topic, String logId) {
        this.topic = topic;
        this.logId = logId;
    }

    /**
     * @param clientSettings how to reach the brokers, by Kafka's own names
     * @param topic made if it is not there yet
     * @param logId of the log whose cutoffs these are; those of other logs on the same topic mean nothing here
     * @param unsafeAllowed whether it may be a topic that loses cutoffs with one broker; for tests and the demo
     */
    public static KafkaCutoffJournal connect(
            Map<String, Object> clientSettings, String topic, String logId, boolean unsafeAllowed) {
        return new KafkaCutoffJournal(JournalTopic.connect(clientSettings, topic, unsafeAllowed), logId);
    }

    @Override
    public synchronized List<Cutoff> of(int partition) {
        readOn();
        return List.copyOf(ofPartition(partition).values());
    }

    private void readOn() {
        try {
            Extent extent = topic.read(next, this::read);
            if (extent.end() < next) {
                forget();
                extent = topic.read(next, this::read);
            }
            if (extent.first() > next) {
                throw new PartitionHaltedException(
                        HaltReason.JOURNAL_LOST,
                        "cutoffs were dropped from the topic that keeps them: it begins at "
                                + extent.first() + " and is known up to " + next
                                + ", so nobody knows whether hours were closed elsewhere; a person must look, and then"
                                + " name another topic by hourledger.journal.cutoffs-topic (docs/restore.md)");
            }
            next = extent.end();
        } catch (KafkaException noAnswer) {
            throw new StoreUnavailableException("Kafka did not hand over the cutoffs outside the database", noAnswer);
        }
    }

    /** The topic was lost or made anew: only what is in it now is kept. */
    private void forget() {
        known.clear();
        next = 0;
    }

    private void read(Entry entry) {
        if (entry.kind().equals(CUTOFF) && entry.fact("log").equals(logId)) {
            Cutoff cutoff = new Cutoff(
                    new UsageHour(Instant.parse(entry.fact("hour"))),
                    Long.parseLong(entry.fact("offset")),
                    Instant.parse(entry.fact("recorded-at")),
                    new UsageHour(Instant.parse(entry.fact("accepts-from"))));
            ofPartition(Integer.parseInt(entry.fact("partition")))
                    .putIfAbsent(cutoff.hour().number(), cutoff);
        }
    }

    @Override
    public synchronized void keep(int partition, List<Cutoff> cutoffs) {
        NavigableMap<Long, Cutoff> here = new TreeMap<>();
        cutoffs.forEach(cutoff -> here.put(cutoff.hour().number(), cutoff));
        if (next == 0) {
            readOn();
        }
        compare(partition, here);
        Optional<Cutoff> missing = firstMissing(partition, here);
        while (missing.isPresent()) {
            long place = append(partition, missing.get());
            if (place == next) {
                next++;
                ofPartition(partition).put(missing.get().hour().number(), missing.get());
            } else {
                // others have written since it was read, and may have been first
                if (place < next) {
                    forget();
                }
                readOn();
                compare(partition, here);
            }
            missing = firstMissing(partition, here);
        }
    }

    private Optional<Cutoff> firstMissing(int partition, NavigableMap<Long, Cutoff> here) {
        NavigableMap<Long, Cutoff> stored = ofPartition(partition);
        return here.values().stream()
                .filter(cutoff -> !stored.containsKey(cutoff.hour().number()))
                .findFirst();
    }

    private void compare(int partition, NavigableMap<Long, Cutoff> here) {
        for (Cutoff before :
                ofPartition(partition).headMap(here.lastKey(), true).values()) {
            Cutoff now = here.get(before.hour().number());
            if (now == null
                    || now.offset() != before.offset()
                    || !now.acceptsFrom().equals(before.acceptsFrom())) {
                throw endsElsewhere(partition, before, now);
            }
        }
    }

    private static PartitionHaltedException endsElsewhere(int partition, Cutoff before, @Nullable Cutoff now) {
        return new PartitionHaltedException(
                HaltReason.CLOSED_ELSEWHERE,
                "hour " + before.hour() + " of partition " + partition + " "
                        + (now == null ? "ends with a later one" : "ends " + end(now))
                        + " here, and it was closed "
                        + end(before)
                        + " before: its amounts may differ from what was reported, so nothing is closed until a person"
                        + " has looked (docs/restore.md)");
    }

    private static String end(Cutoff cutoff) {
        return "at offset " + cutoff.offset() + " (late usage counts from hour " + cutoff.acceptsFrom() + " on)";
    }

    private long append(int partition, Cutoff cutoff) {
        try {
            return topic.append(
                    CUTOFF,
                    Map.of(
                            "log", logId,
                            "partition", Integer.toString(partition),
                            "hour", cutoff.hour().start().toString(),
                            "offset", Long.toString(cutoff.offset()),
                            "recorded-at", cutoff.recordedAt().toString(),
                            "accepts-from", cutoff.acceptsFrom().start().toString()),
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
