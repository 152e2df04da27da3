package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.embedded.TestBroker;
import io.hourledger.ledger.installation.Installation;
import io.hourledger.pusher.journal.IncarnationJournalWriter;
import io.hourledger.pusher.journal.KafkaSentCallJournal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A new, empty database comes in the place of one that is gone, on the topics of that one. */
@Tag("servers")
class LostInstallationTest {

    private static final Map<String, Object> CLIENT = Map.of("bootstrap.servers", TestBroker.bootstrapServers());
    private static final PushRig STACK = new PushRig();

    private final String sentCalls = TestBroker.freshName("sent");
    private final String installations = TestBroker.freshName("installations");
    private final ModelGallery gallery = new ModelGallery();

    @BeforeEach
    void clear() {
        STACK.clear();
        makeNewInstallation();
    }

    private static void makeNewInstallation() {
        STACK.jdbc
                .sql("update ledger.installation set id = gen_random_uuid(), draw = null, previous_draw = null,"
                        + " number = 0, journaled = false")
                .update();
    }

    @AfterAll
    static void close() {
        STACK.close();
    }

    /** Pushes for whatever installation the database is of now, as soon as it may. */
    private UUID push(String topic, @Nullable UUID takesOver, Set<UUID> readsBeside) {
        Installation installation = Installation.journaled(STACK.dataSource, CLIENT, topic, true);
        try (KafkaSentCallJournal journal = new KafkaSentCallJournal(
                CLIENT,
                sentCalls,
                true,
                null,
                new IncarnationJournalWriter(installation, List.of("key"), takesOver, readsBeside).start())) {
            await().atMost(Duration.ofSeconds(40))
                    .until(() -> journal.whyNotToSend().isEmpty());
            PushRig.OnePusher pusher = STACK
            .new OnePusher(
                    PushRig.settings("one", PushRig.LONG_LEASE, 1000), gallery, CrashPoint.NONE, STACK.ledger, journal);
            pusher.pusher.push();
            pusher.pusher.push();
            return installation.id();
        }
    }

    /** The database is gone after its calls, and an empty one meters the same usage. */
    private UUID lost() {
        STACK.issue(4);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        UUID lost = push(installations, null, Set.of());
        assertThat(gallery.billed()).hasSize(4);
        backup.restore();
        makeNewInstallation();
        return lost;
    }

    private boolean isSuspended() {
        return new Reconciliation(STACK.jdbc, STACK.businessTime).open().isPresent();
    }

    @Test
    void a_new_database_that_takes_over_suspends_pushing_before_its_first_call() {
        push(installations, lost(), Set.of());

        assertThat(isSuspended()).isTrue();
        assertThat(gallery.calls()).hasSize(1);
    }

    /** The topic of installations was lost as well, or another one would say whose the seller account is. */
    @Test
    void a_new_database_suspends_pushing_also_if_nobody_named_the_lost_one() {
        lost();

        push(TestBroker.freshName("installations"), null, Set.of());

        assertThat(isSuspended()).isTrue();
        assertThat(gallery.calls()).hasSize(1);
    }

    @Test
    void whoever_takes_over_must_know_calls_also_of_a_reader_beside() {
        UUID lost = lost();

        push(installations, lost, Set.of(lost));

        assertThat(isSuspended()).isTrue();
        assertThat(gallery.calls()).hasSize(1);
    }
}
