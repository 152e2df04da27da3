package io.hourledger.ledger.installation;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.ledger.installation.IncarnationRules.Decision;
import io.hourledger.ledger.journal.JournalTopic;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The installation that a database is of, and whether this database may act for it. Every promotion, restore or start of the server draws a new
 * incarnation: first in the database, then in the journal, so a crash in between is made good by the next look. The newest in the journal is in
 * force, and every other database of the installation closes and pushes nothing.
 *
 * <p>Safe for use by several threads, and by several processes on one database.
 */
public final class Installation implements AutoCloseable {

    /** Where incarnations are kept if no setting says otherwise. */
    public static final String USUAL_TOPIC = "installations";

    /** How often whoever closes or pushes looks whether its database still may. */
    public static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(Installation.class);

    /** Each step but the last changes something: more of them than databases can race is a bug. */
    private static final int MOST_STEPS = 20;

    private final InstallationTable table;
    private final @Nullable InstallationJournal journal;
    private volatile IncarnationStatus status = new IncarnationStatus.NotKnown();
    private volatile @Nullable UUID id;
    private volatile long lookedNanos = System.nanoTime();

    private Installation(DataSource database, @Nullable InstallationJournal journal) {
        this.table = new InstallationTable(database);
        this.journal = journal;
    }

    /**
     * Connects to Kafka when it is first needed. The database must have the ledger's schema then.
     *
     * @param clientSettings how to reach the brokers, by Kafka's own names; others are left out
     * @param topic made if it is not there yet
     * @param unsafeAllowed whether it may be a topic that loses entries with one broker; for tests and the demo
     */
    public static Installation journaled(
            DataSource database, Map<String, Object> clientSettings, String topic, boolean unsafeAllowed) {
        Map<String, Object> client = Map.copyOf(clientSettings);
        return new Installation(
                database, new InstallationJournal(() -> JournalTopic.connect(client, topic, unsafeAllowed)));
    }

    /** Without a journal nobody notices that another database acts for the same installation; it is always in force. */
    public static Installation withoutJournal(DataSource database) {
        return new Installation(database, null);
    }

    /** Made with the database, and the same in every copy of it. */
    public UUID id() {
        UUID known = id;
        if (known == null) {
            known = table.id();
            id = known;
        }
        return known;
    }

    /** What the last look has found. */
    public IncarnationStatus status() {
        return status;
    }

    /**
     * Looks whether this database is in force, and draws or journals an incarnation if that is due.
     *
     * @throws RuntimeException if the database or Kafka gives no answer; then it stands as it stood
     */
    public synchronized IncarnationStatus look() {
        return found();
    }

    /** A person decides that this database goes on, whatever was drawn elsewhere. */
    public synchronized IncarnationStatus draw(DecidedBy by) {
        InstallationJournal incarnations = journal();
        incarnations.readOn();
        table.draw(
                row -> {
                    List<Incarnation> all = incarnations.of(row.id());
                    return IncarnationRules.anew(DrawReason.PERSON, row, all.isEmpty() ? null : all.getLast());
                },
                by);
        return found();
    }

    private IncarnationStatus found() {
        IncarnationStatus found = journal == null ? new IncarnationStatus.InForce(0) : null;
        for (int steps = 0; found == null; steps++) {
            if (steps == MOST_STEPS) {
                throw new IllegalStateException("no incarnation comes into force after " + steps + " steps");
            }
            found = step(journal());
        }
        lookedNanos = System.nanoTime();
        say(found);
        status = found;
        return found;
    }

    /** The journal first: what another process draws on this database meanwhile is seen in the row then. */
    private @Nullable IncarnationStatus step(InstallationJournal incarnations) {
        incarnations.readOn();
        InstallationRow row = table.read();
        id = row.id();
        Decision decision = IncarnationRules.decide(row, incarnations.of(row.id()));
        if (isMissing(decision)) {
            // another process on this database may have drawn and journaled between the two readings
            incarnations.readAgain();
            decision = IncarnationRules.decide(row, incarnations.of(row.id()));
            if (!isMissing(decision)) {
                return null;
            }
        }
        return switch (decision) {
            case Decision.Stay(IncarnationStatus found) -> {
                markJournaled(row, found);
                yield found;
            }
            case Decision.JournalDraw(Draw draw) -> {
                incarnations.append(row.id(), draw, host());
                yield null;
            }
            case Decision.DrawAnew _ -> {
                table.draw(
                        now -> IncarnationRules.decide(now, incarnations.of(now.id())) instanceof Decision.DrawAnew anew
                                ? anew
                                : null,
                        null);
                yield null;
            }
        };
    }

    /** Whether the journal lacks what the row says it had. */
    private static boolean isMissing(Decision decision) {
        return switch (decision) {
            case Decision.Stay(IncarnationStatus status) -> status instanceof IncarnationStatus.JournalLost;
            case Decision.JournalDraw(Draw draw) -> draw.journaled();
            case Decision.DrawAnew _ -> false;
        };
    }

    private void markJournaled(InstallationRow row, IncarnationStatus found) {
        Draw draw = row.draw();
        if (draw != null && !draw.journaled() && found instanceof IncarnationStatus.InForce) {
            table.journaled(draw.id());
        }
    }

    private void say(IncarnationStatus found) {
        if (found.equals(status)) {
            return;
        }
        found.whyNot()
                .ifPresentOrElse(
                        why -> log.atError()
                                .addKeyValue("installation", id())
                                .log("this database closes and pushes nothing: " + why),
                        () -> log.atInfo()
                                .addKeyValue("installation", id())
                                .addKeyValue("incarnation", found)
                                .log("this database is in force"));
    }

    /** The incarnations of this installation, as last read, in their order. */
    public synchronized List<Incarnation> incarnations() {
        return journal == null ? List.of() : journal.of(id());
    }

    /**
     * Says that this installation sends under a seller account, unless another one has said so before.
     *
     * @param account a keyed digest, so that the journal tells nobody the key
     * @param takesOver the installation whose account this is from now on; null if it is to stay its own
     * @return the installation that sends under it
     */
    public synchronized UUID claimAccount(String account, @Nullable UUID takesOver) {
        if (journal == null) {
            return id();
        }
        journal.readOn();
        Optional<UUID> sender = journal.sender(account);
        if (sender.isEmpty() || sender.get().equals(takesOver)) {
            journal.appendSender(id(), account, takesOver);
            journal.readOn();
        }
        return journal.sender(account).orElseThrow();
    }

    /** Elapsed time since the last look that was answered, or since the beginning. */
    public Duration sinceLook() {
        return Duration.ofNanos(System.nanoTime() - lookedNanos);
    }

    /**
     * What a database and the journal say of its installation.
     *
     * @param all its incarnations, in their order
     * @param status whether the database is in force, and what its next start does, as a sentence without its end
     */
    public record Shown(UUID installation, List<Incarnation> all, boolean inForce, String status) {}

    /** Asks, and changes nothing: neither the database nor the journal. */
    public static Shown show(DataSource database, Map<String, Object> clientSettings, String topic) {
        InstallationJournal read = InstallationJournal.readIfThere(clientSettings, topic);
        InstallationRow row = new InstallationTable(database).read();
        List<Incarnation> all = read.of(row.id());
        return switch (IncarnationRules.decide(row, all)) {
            case Decision.Stay(IncarnationStatus found) ->
                new Shown(
                        row.id(),
                        all,
                        found.whyNot().isEmpty(),
                        found.whyNot().orElse("incarnation " + row.number() + ", in force"));
            case Decision.JournalDraw(Draw draw) ->
                new Shown(
                        row.id(),
                        all,
                        false,
                        "incarnation " + draw.number() + " is not in the journal yet; the next start journals it");
            case Decision.DrawAnew(DrawReason reason, long number) ->
                new Shown(
                        row.id(),
                        all,
                        false,
                        "the next start, or a service that runs, draws incarnation " + number + " (" + reason.code()
                                + ")");
        };
    }

    /** For a database that was restored: at its next look it draws anew. */
    public static void forgetDraw(DataSource database) {
        new InstallationTable(database).forgetDraw();
    }

    private InstallationJournal journal() {
        if (journal == null) {
            throw new IllegalStateException("there is no journal of installations");
        }
        return journal;
    }

    private static String host() {
        String process = "process " + ProcessHandle.current().pid();
        try {
            return InetAddress.getLocalHost().getHostName() + ", " + process;
        } catch (UnknownHostException hasNoName) {
            return process;
        }
    }

    @Override
    public synchronized void close() {
        if (journal != null) {
            journal.close();
        }
    }
}
