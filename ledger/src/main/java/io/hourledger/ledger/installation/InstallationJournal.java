package io.hourledger.ledger.installation;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.ledger.journal.JournalTopic;
import io.hourledger.ledger.journal.JournalTopic.Entry;
import io.hourledger.ledger.journal.JournalTopic.Extent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The incarnations of all installations that share a Kafka, and who sends under which seller account, on a topic from which nothing is dropped.
 *
 * <p>An incarnation counts only if its number is larger than that of the one before it: of two databases that drew at the same time the first on
 * the topic counts, and the other finds out. Not safe for use by several threads.
 */
final class InstallationJournal implements AutoCloseable {

    private static final String INCARNATION = "incarnation";
    private static final String ACCOUNT = "seller-account";
    private static final byte[] NOTHING_MORE = {};

    private final Supplier<JournalTopic> connect;
    private final Map<UUID, List<Incarnation>> incarnations = new LinkedHashMap<>();
    private final Map<String, UUID> senders = new HashMap<>();
    private @Nullable JournalTopic connected;
    private long next;

    /**
     * @param connect called when the topic is first needed: Kafka may be away at the start
     */
    InstallationJournal(Supplier<JournalTopic> connect) {
        this.connect = connect;
    }

    private JournalTopic topic() {
        JournalTopic topic = connected;
        if (topic == null) {
            topic = connect.get();
            connected = topic;
        }
        return topic;
    }

    /** Reads what is new. If nothing is, that costs one question. */
    void readOn() {
        JournalTopic topic = topic();
        if (topic.end() == next) {
            return;
        }
        Extent extent = topic.read(next, this::read);
        if (extent.end() < next) {
            forget();
            extent = topic.read(next, this::read);
        }
        next = extent.end();
    }

    /** Reads all of it, also what was read before: it may have been lost since. */
    void readAgain() {
        forget();
        readOn();
    }

    private void forget() {
        incarnations.clear();
        senders.clear();
        next = 0;
    }

    /** Reads a topic that may not be there, and makes none. */
    static InstallationJournal readIfThere(Map<String, Object> clientSettings, String topic) {
        InstallationJournal journal = new InstallationJournal(() -> {
            throw new IllegalStateException("this journal is only read");
        });
        JournalTopic.readIfThere(clientSettings, topic, journal::read);
        return journal;
    }

    private void read(Entry entry) {
        UUID installation = UUID.fromString(entry.fact("installation"));
        switch (entry.kind()) {
            case INCARNATION -> {
                List<Incarnation> all = incarnations.computeIfAbsent(installation, none -> new ArrayList<>());
                Incarnation incarnation = incarnation(entry);
                if (all.isEmpty() || incarnation.number() > all.getLast().number()) {
                    all.add(incarnation);
                }
            }
            case ACCOUNT -> {
                String account = entry.fact("account");
                UUID sender = senders.putIfAbsent(account, installation);
                if (sender != null && sender.toString().equals(entry.facts().get("takes-over"))) {
                    senders.put(account, installation);
                }
            }
            default -> {
                // of a newer version, and about something else
            }
        }
    }

    private static Incarnation incarnation(Entry entry) {
        String who = entry.facts().get("who");
        return new Incarnation(
                Long.parseLong(entry.fact("number")),
                UUID.fromString(entry.fact("draw")),
                entry.fact("timeline"),
                DrawReason.ofCode(entry.fact("because")),
                Instant.parse(entry.fact("drawn-at")),
                entry.fact("host"),
                who == null ? null : new DecidedBy(who, entry.fact("why")));
    }

    /** Those of an installation that count, in their order. */
    List<Incarnation> of(UUID installation) {
        return List.copyOf(incarnations.getOrDefault(installation, List.of()));
    }

    /** Who sends under a seller account: who said so first, or took it over since. */
    Optional<UUID> sender(String account) {
        return Optional.ofNullable(senders.get(account));
    }

    void append(UUID installation, Draw draw, String host) {
        Map<String, String> facts = new HashMap<>(Map.of(
                "installation", installation.toString(),
                "number", Long.toString(draw.number()),
                "draw", draw.id().toString(),
                "timeline", draw.server().timeline(),
                "because", draw.reason().code(),
                "drawn-at", draw.drawnAt().toString(),
                "host", host));
        DecidedBy by = draw.by();
        if (by != null) {
            facts.put("who", by.who());
            facts.put("why", by.why());
        }
        topic().append(INCARNATION, facts, NOTHING_MORE);
    }

    void appendSender(UUID installation, String account, @Nullable UUID takesOver) {
        Map<String, String> facts = new HashMap<>(Map.of("installation", installation.toString(), "account", account));
        if (takesOver != null) {
            facts.put("takes-over", takesOver.toString());
        }
        topic().append(ACCOUNT, facts, NOTHING_MORE);
    }

    @Override
    public void close() {
        if (connected != null) {
            connected.close();
        }
    }
}
