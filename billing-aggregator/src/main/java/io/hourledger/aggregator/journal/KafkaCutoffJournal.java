package io.hourledger.aggregator.journal;

import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.CutoffJournal;
import io.hourledger.aggregator.hour.HaltReason;
import io.hourledger.aggregator.hour.PartitionHaltedException;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.ledger.journal.JournalTopic;
import io.hourledger.ledger.journal.JournalTopic.Extent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Cutoffs on a topic from which nothing is dropped. Of two for one hour the first holds: it was acted upon. Each carries its installation and the
 * number of the incarnation. Before its first cutoff an incarnation writes a fence, and what older ones write behind the fence counts for nothing.
 */
public final class KafkaCutoffJournal implements CutoffJournal, AutoCloseable {

    private static final byte[] NOTHING_MORE = {};

    private final JournalTopic topic;
    private final String logId;
    private final CutoffWriter writer;
    private final JournaledCutoffs journaled;
    private long next;

    private KafkaCutoffJournal(JournalTopic topic, String logId, CutoffWriter writer) {
        this.topic = topic;
        this.logId = logId;
        this.writer = writer;
        this.journaled = new JournaledCutoffs(logId);
    }

    /**
     * @param clientSettings how to reach the brokers, by Kafka's own names
     * @param topic made if it is not there yet
     * @param logId of the log whose cutoffs these are; those of other logs on the same topic mean nothing here
     * @param writer for whom it is written; what other installations write about the same log means nothing to this one
     * @param unsafeAllowed whether it may be a topic that loses cutoffs with one broker; for tests and the demo
     */
    public static KafkaCutoffJournal connect(
            Map<String, Object> clientSettings,
            String topic,
            String logId,
            CutoffWriter writer,
            boolean unsafeAllowed) {
        return new KafkaCutoffJournal(JournalTopic.connect(clientSettings, topic, unsafeAllowed), logId, writer);
    }

    /**
     * Refuses a log that others read already: an installation that is new to it must name them.
     *
     * @param readsBeside the installations that may read the same log
     * @throws IllegalStateException with a sentence for a person
     */
    public synchronized void requireNamed(Set<UUID> readsBeside) {
        UUID takesOver = writer.takesOver().orElse(null);
        if (writer.installation().equals(takesOver)) {
            throw new IllegalStateException("hourledger.journal.takes-over names " + takesOver
                    + ", which is the installation of this database itself: name the one whose database is gone for good,"
                    + " or leave it out");
        }
        try {
            readOn();
        } catch (PartitionHaltedException lost) {
            return; // each partition halts by itself, and says why
        }
        if (takesOver != null && !journaled.knows(takesOver)) {
            throw new IllegalStateException("hourledger.journal.takes-over names installation " + takesOver
                    + ", which has closed no hour of this usage log: name one of "
                    + journaled.othersThan(writer.installation()) + ", or leave it out");
        }
        Set<UUID> unnamed = unnamed(readsBeside);
        if (takesOver != null) {
            unnamed.remove(takesOver);
        }
        if (!journaled.knows(writer.installation()) && !unnamed.isEmpty()) {
            throw new IllegalStateException("this database is installation " + writer.installation()
                    + " and has closed no hour of this usage log, but installation " + unnamed
                    + " has: if this is one more reader, such as staging, say"
                    + " hourledger.journal.reads-beside=ID; if it comes in place of one whose database is gone for"
                    + " good, say hourledger.journal.takes-over=ID; else give it a usage log of its own"
                    + " (docs/restore.md)");
        }
    }

    /** Whether the log is this installation's, and others read it beside: it was the first, or has taken the first one's place. */
    public synchronized boolean isOwner() {
        return journaled.owner().map(writer.installation()::equals).orElse(true);
    }

    /** Other installations that write about the same log, and were not named. */
    public synchronized Set<UUID> unnamed(Set<UUID> readsBeside) {
        Set<UUID> unnamed = new HashSet<>(journaled.othersThan(writer.installation()));
        unnamed.removeAll(readsBeside);
        return unnamed;
    }

    /**
     * Looks whether a newer incarnation, or an installation that takes this one's place, has written. If nothing is new, that costs one question.
     *
     * @return why nothing may be closed here any more, for a person; empty if hours may be closed
     */
    public synchronized Optional<String> whySuperseded() {
        try {
            if (endOfTopic() != next) {
                readOn();
            }
            stopIfSuperseded();
            return Optional.empty();
        } catch (PartitionHaltedException halted) {
            return halted.reason() == HaltReason.SUPERSEDED
                    ? Optional.of(String.valueOf(halted.getMessage()))
                    : Optional.empty(); // each partition finds it out by itself
        }
    }

    private long endOfTopic() {
        try {
            return topic.end();
        } catch (KafkaException noAnswer) {
            throw new StoreUnavailableException(
                    "Kafka did not say where the cutoffs outside the database end", noAnswer);
        }
    }

    @Override
    public synchronized List<Cutoff> of(int partition) {
        writer.lookAgain();
        readOn();
        fence();
        return List.copyOf(ofPartition(partition).values());
    }

    private void readOn() {
        try {
            Extent extent = topic.read(next, journaled::read);
            if (extent.end() < next) {
                forget();
                extent = topic.read(next, journaled::read);
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

    private void forget() {
        journaled.forget();
        next = 0;
    }

    /** Sees to it that nothing counts which an older incarnation writes from now on, and that none is newer than ours. */
    private void fence() {
        stopIfSuperseded();
        UUID takesOver = writer.takesOver().orElse(null);
        boolean isTakenOver = takesOver == null || journaled.hasTakenOver(writer.installation(), takesOver);
        long number = writer.incarnation();
        if (journaled.fence(writer.installation()) == number && isTakenOver) {
            return;
        }
        Map<String, String> facts = new HashMap<>(facts(number));
        if (takesOver != null) {
            facts.put(JournaledCutoffs.TAKES_OVER, takesOver.toString());
        }
        append(JournaledCutoffs.FENCE, facts);
        readOn();
        stopIfSuperseded();
    }

    private void stopIfSuperseded() {
        UUID installation = writer.installation();
        Optional<UUID> by = journaled.takenOverBy(installation);
        if (by.isPresent()) {
            throw superseded("installation " + by.get() + " has taken over this usage log from installation "
                    + installation + ", so nothing is closed here any more; stop this one (docs/restore.md)");
        }
        if (journaled.fence(installation) > writer.incarnation()) {
            writer.lookAgain(); // another process on this database may have drawn since
        }
        if (journaled.fence(installation) > writer.incarnation()) {
            throw superseded("incarnation " + journaled.fence(installation) + " of this installation closes hours, and"
                    + " this database is incarnation " + writer.incarnation()
                    + ": if it is the one to go on, ./metering ledger incarnation draw --who NAME --why TEXT");
        }
    }

    private static PartitionHaltedException superseded(String sentence) {
        return new PartitionHaltedException(HaltReason.SUPERSEDED, sentence);
    }

    @Override
    public synchronized void keep(int partition, List<Cutoff> cutoffs) {
        NavigableMap<Long, Cutoff> here = new TreeMap<>();
        cutoffs.forEach(cutoff -> here.put(cutoff.hour().number(), cutoff));
        if (next == 0) {
            readOn();
        }
        fence();
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
                fence();
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
        Map<String, String> facts = new HashMap<>(facts(writer.incarnation()));
        facts.put("partition", Integer.toString(partition));
        facts.put("hour", cutoff.hour().start().toString());
        facts.put("offset", Long.toString(cutoff.offset()));
        facts.put("recorded-at", cutoff.recordedAt().toString());
        facts.put("accepts-from", cutoff.acceptsFrom().start().toString());
        return append(JournaledCutoffs.CUTOFF, facts);
    }

    private Map<String, String> facts(long number) {
        return Map.of(
                JournaledCutoffs.LOG, logId,
                JournaledCutoffs.INSTALLATION, writer.installation().toString(),
                JournaledCutoffs.NUMBER, Long.toString(number));
    }

    private long append(String kind, Map<String, String> facts) {
        try {
            return topic.append(kind, facts, NOTHING_MORE);
        } catch (KafkaException noAnswer) {
            throw new StoreUnavailableException("Kafka did not keep a cutoff outside the database", noAnswer);
        }
    }

    private NavigableMap<Long, Cutoff> ofPartition(int partition) {
        return journaled.of(writer.installation(), partition);
    }

    @Override
    public void close() {
        topic.close();
    }
}
