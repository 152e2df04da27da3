package io.hourledger.ledger.store;

import static io.hourledger.ledger.instance.Given.hour;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.api.LedgerUnavailableException;
import io.hourledger.ledger.instance.Account;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.InstanceState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

/** While two versions of the software run side by side, no state is decided on, or written, by rules that do not fit it. */
@Tag("servers")
class SnapshotFormTest {

    private static final Path APPROVED = Path.of("src/test/resources/approved-snapshots");
    private static final int NEWER = SnapshotCodec.FORM + 1;

    private final TestLedger test = new TestLedger();

    @AfterEach
    void close() {
        test.close();
    }

    private void form(int form) {
        test.jdbc.update("update ledger.instance_snapshot set form = ?", form);
    }

    private Map<String, Object> row() {
        return test.jdbc.queryForMap(
                "select sequence_number, state::text as state, form from ledger.instance_snapshot");
    }

    @Test
    void a_state_of_older_rules_is_folded_anew_and_written_in_the_present_form() {
        test.ledger.handleAll(List.of(open("a"), meter("a", 1, "1.5"), meter("a", 2, "2")));
        test.jdbc.update(
                "update ledger.instance_snapshot set form = ?, state = '{}'", SnapshotCodec.OLDEST_READABLE - 1);

        assertThat(test.queries
                        .instance(new InstanceId("a"))
                        .orElseThrow()
                        .totals()
                        .in(Account.IN_FLIGHT))
                .isEqualByComparingTo("3.5");
        assertThat(test.ledger.handle(meter("a", 1, "1.5"))).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(row()).as("what decides nothing writes nothing").containsEntry("state", "{}");

        assertThat(test.ledger.handleAll(List.of(meter("a", 3, "4"))).getFirst())
                .isInstanceOf(Decision.Done.class);
        assertThat(row()).containsEntry("form", SnapshotCodec.FORM);
        InstanceState folded = null;
        for (InstanceEvent event : test.table.stream("a", 0)) {
            folded = InstanceState.after(folded, event);
        }
        assertThat(row()).containsEntry("state", asStored(Objects.requireNonNull(folded)));
    }

    /** As PostgreSQL writes it. */
    private String asStored(InstanceState state) {
        return Objects.requireNonNull(
                test.jdbc.queryForObject("select ?::jsonb::text", String.class, new SnapshotCodec().write(state)));
    }

    @Test
    void a_process_of_an_older_version_neither_decides_on_a_newer_state_nor_replaces_it() {
        test.ledger.handleAll(List.of(open("a"), meter("a", 1, "1.5")));
        form(NEWER);
        Map<String, Object> before = row();

        assertThatThrownBy(() -> test.ledger.handle(meter("a", 2, "2")))
                .isInstanceOf(LedgerUnavailableException.class)
                .hasMessageContaining("this process must be upgraded");
        assertThatThrownBy(() -> test.ledger.handleAll(List.of(meter("a", 2, "2"))))
                .isInstanceOf(LedgerUnavailableException.class);
        assertThatThrownBy(() -> test.queries.instance(new InstanceId("a")))
                .isInstanceOf(LedgerUnavailableException.class);
        assertThatThrownBy(() -> new SnapshotStore(test.jdbc, test.transactions).foldAnew("a"))
                .isInstanceOf(LedgerUnavailableException.class);

        assertThat(row()).isEqualTo(before);
        assertThat(test.table.stream("a", 0)).hasSize(3);
    }

    @Test
    void a_state_that_a_newer_version_folds_anew_while_this_one_decides_is_not_written_back() {
        test.ledger.handleAll(List.of(open("a"), meter("a", 1, "1.5")));
        TransactionTemplate transaction = new TransactionTemplate(test.transactions);

        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    EventTable.Stored stored =
                            Objects.requireNonNull(test.table.load(List.of("a")).get("a"));
                    TransactionTemplate beside = new TransactionTemplate(test.transactions);
                    beside.setPropagationBehavior(TransactionTemplate.PROPAGATION_REQUIRES_NEW);
                    beside.executeWithoutResult(newer -> form(NEWER));
                    InstanceEvent event = new InstanceEvent.InstanceFrozen("a", hour(3).start());
                    boolean kept = test.table.append(List.of(new EventTable.Append(
                            "a",
                            stored.sequenceNumber(),
                            stored.transactionId(),
                            stored.digest(),
                            List.of(event),
                            stored.state().evolve(event))));
                    if (!kept) {
                        throw new ConcurrentWriteException();
                    }
                }))
                .isInstanceOf(ConcurrentWriteException.class);
        assertThat(row()).containsEntry("form", NEWER).containsEntry("sequence_number", 2L);
        assertThat(test.table.stream("a", 0)).hasSize(3);
    }

    private static List<InstanceEvent> oneOfEachAndALaterUpgrade() {
        List<InstanceEvent> events = new ArrayList<>(EventExamples.all());
        events.add(new InstanceEvent.InstanceUpgraded(
                "i-1", "CS-9", "P-3", "PERIOD", "FIXED", "HOURLY", Instant.parse("2026-02-01T15:00:00Z")));
        return events;
    }

    @Test
    void whoever_changes_how_events_are_folded_or_written_raises_the_number_of_the_form() throws IOException {
        InstanceState state = null;
        StringBuilder states = new StringBuilder();
        SnapshotCodec codec = new SnapshotCodec();
        for (InstanceEvent event : oneOfEachAndALaterUpgrade()) {
            state = InstanceState.after(state, event);
            states.append(event.getClass().getSimpleName())
                    .append(' ')
                    .append(codec.write(state))
                    .append('\n');
            assertThat(codec.read(event.instanceId(), codec.write(state)).life())
                    .isEqualTo(state.life());
        }
        Path approved = APPROVED.resolve("form-" + SnapshotCodec.FORM + ".txt");
        Path received = Path.of("target/received-snapshots.txt");
        Files.writeString(received, states);
        assertThat(approved)
                .as("raise SnapshotCodec.FORM, and approve %s as a new file", received)
                .hasSameTextualContentAs(received);
    }
}
