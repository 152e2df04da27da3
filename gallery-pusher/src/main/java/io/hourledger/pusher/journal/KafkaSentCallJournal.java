package io.hourledger.pusher.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.ledger.journal.JournalTopic;
import io.hourledger.ledger.journal.JournalTopic.Entry;
import io.hourledger.pusher.push.SentCallJournal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The journal on a Kafka topic, which several installations may share. Connects when it is first needed: callbacks are answered also while Kafka is
 * away.
 */
public final class KafkaSentCallJournal implements SentCallJournal, AutoCloseable {

    private static final String SENT = "sent";
    private static final String SETTLED = "settled";
    private static final String SUSPENDED = "suspended";
    private static final String RESUMED = "resumed";
    private static final String INSTALLATION = "installation";
    private static final String ACCOUNT = "account";
    private static final String ATTEMPT = "attempt";
    private static final String EPOCH = "epoch";

    private final Map<String, Object> clientSettings;
    private final String topic;
    private final boolean unsafeAllowed;
    private final @Nullable Duration retention;
    private final JournalWriter writer;
    private @Nullable JournalTopic connected;

    /**
     * @param clientSettings how to reach the brokers, by Kafka's own names
     * @param unsafeAllowed whether it may be a topic that loses entries with one broker; for tests and the demo
     * @param retention how long the topic keeps entries; null for ever
     * @param writer for whom it is written, and whose calls its database must know
     */
    public KafkaSentCallJournal(
            Map<String, Object> clientSettings,
            String topic,
            boolean unsafeAllowed,
            @Nullable Duration retention,
            JournalWriter writer) {
        this.writer = writer;
        this.clientSettings = Map.copyOf(clientSettings);
        this.topic = topic;
        this.unsafeAllowed = unsafeAllowed;
        this.retention = retention;
    }

    private synchronized JournalTopic topic() {
        JournalTopic current = connected;
        if (current == null) {
            current = JournalTopic.connect(clientSettings, topic, unsafeAllowed, retention);
            connected = current;
        }
        return current;
    }

    @Override
    public long sent(SentCall call) {
        Map<String, String> facts = Map.of(
                INSTALLATION,
                writer.installation().toString(),
                ACCOUNT,
                call.account(),
                ATTEMPT,
                Long.toString(call.attempt()),
                EPOCH,
                Long.toString(call.epoch()),
                "at",
                call.at().toString());
        return topic().append(SENT, facts, call.body());
    }

    @Override
    public long settled(SettledCall call) {
        Map<String, String> facts = Map.of(
                INSTALLATION,
                writer.installation().toString(),
                ACCOUNT,
                call.account(),
                ATTEMPT,
                Long.toString(call.attempt()),
                EPOCH,
                Long.toString(call.epoch()),
                "sent-place",
                Long.toString(call.sentPlace()));
        return topic().append(SETTLED, facts, String.join(",", call.outcomes()).getBytes(UTF_8));
    }

    @Override
    public long decided(SuspensionDecision decision) {
        Map<String, String> facts = Map.of(
                INSTALLATION,
                writer.installation().toString(),
                ACCOUNT,
                decision.account(),
                "suspension",
                decision.suspension().toString(),
                "who",
                decision.who(),
                "at",
                decision.at().toString());
        String kind =
                switch (decision.verb()) {
                    case SUSPENDED -> SUSPENDED;
                    case RESUMED -> RESUMED;
                };
        return topic().append(kind, facts, decision.why().getBytes(UTF_8));
    }

    @Override
    public Extent read(long from, Consumer<Page> reader) {
        JournalTopic.Extent extent = topic().read(from, entry -> {
            if (writer.mustKnowCallsOf(UUID.fromString(entry.fact(INSTALLATION)))) {
                reader.accept(page(entry));
            }
        });
        return new Extent(extent.first(), extent.end());
    }

    @Override
    public Optional<String> whyNotToSend() {
        return writer.whyNotToSend();
    }

    @Override
    public boolean isSuperseded() {
        return writer.isSuperseded();
    }

    private static Page page(Entry entry) {
        return switch (entry.kind()) {
            case SENT ->
                new SentPage(
                        entry.place(),
                        new SentCall(
                                entry.fact(ACCOUNT),
                                Long.parseLong(entry.fact(ATTEMPT)),
                                Long.parseLong(entry.fact(EPOCH)),
                                Instant.parse(entry.fact("at")),
                                entry.value()));
            case SETTLED ->
                new SettledPage(
                        entry.place(),
                        new SettledCall(
                                entry.fact(ACCOUNT),
                                Long.parseLong(entry.fact(ATTEMPT)),
                                Long.parseLong(entry.fact(EPOCH)),
                                Long.parseLong(entry.fact("sent-place")),
                                List.of(new String(entry.value(), UTF_8).split(",", -1))));
            case SUSPENDED -> suspensionPage(entry, SuspensionDecision.Verb.SUSPENDED);
            case RESUMED -> suspensionPage(entry, SuspensionDecision.Verb.RESUMED);
            default ->
                throw new IllegalStateException(
                        "an entry that this version does not know: " + entry.kind() + " at place " + entry.place());
        };
    }

    private static Page suspensionPage(Entry entry, SuspensionDecision.Verb verb) {
        return new SuspensionPage(
                entry.place(),
                new SuspensionDecision(
                        entry.fact(ACCOUNT),
                        UUID.fromString(entry.fact("suspension")),
                        verb,
                        entry.fact("who"),
                        new String(entry.value(), UTF_8),
                        Instant.parse(entry.fact("at"))));
    }

    @Override
    public synchronized void close() {
        if (connected != null) {
            connected.close();
        }
        writer.close();
    }
}
