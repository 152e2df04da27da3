package io.hourledger.ledger.seal;

import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.report;
import static io.hourledger.ledger.instance.Given.sn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.hourledger.ledger.instance.Given;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.TestLedger;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("servers")
class TamperEvidenceTest {

    private final TestLedger test = new TestLedger();
    private final LedgerVerifier verifier = new LedgerVerifier(test.jdbc, test.transactions, TestLedger.DIGESTS);
    private Path file;
    private FileSeals seals;
    private static final SealSigner SIGNER = new SealSigner("00".repeat(31) + "01");

    @AfterEach
    void close() {
        test.close();
    }

    @BeforeEach
    void a_sealed_ledger(@TempDir Path folder) {
        file = folder.resolve("seals");
        seals = new FileSeals(file);
        test.ledger.handleAll(List.of(open("a"), open("b"), meter("a", 1, "1"), meter("b", 1, "2")));
        test.ledger.handleAll(List.of(report("a", sn("a", 1)), report("b", sn("b", 1)), meter("a", 2, "3.00001")));
        test.ledger.handle(meter("b", 2, "4"));
        try (LedgerSealer sealer = new LedgerSealer(
                test.jdbc, test.feed, TestLedger.DIGESTS, seals, Clock.fixed(Given.OPENED, ZoneOffset.UTC), SIGNER)) {
            sealer.start(Duration.ofHours(1));
            await().until(sealer::caughtUp);
            sealer.seal();
        }
    }

    @Test
    void an_untouched_ledger_is_sound() {
        AtomicLong progress = new AtomicLong();
        LedgerVerifier.Report report = verifier.verify(seals.all(), progress::set);
        assertThat(report.findings()).isEmpty();
        assertThat(report.events()).isEqualTo(12);
        assertThat(progress).hasValue(12);
        assertThat(report.notSealedYet()).isZero();
    }

    @Test
    void it_is_measured_how_much_is_not_sealed() {
        MeterRegistry metrics = new SimpleMeterRegistry();
        try (LedgerSealer sealer = new LedgerSealer(
                test.jdbc, test.feed, TestLedger.DIGESTS, seals, Clock.fixed(Given.OPENED, ZoneOffset.UTC))) {
            sealer.start(Duration.ofHours(1));
            await().until(sealer::caughtUp);
            sealer.seal();
            test.ledger.handleAll(List.of(meter("a", 3, "1")));
            sealer.measure(metrics);
            await().until(() ->
                    metrics.get("ledger.seal.events.not.sealed").gauge().value() == 2);
            assertThat(metrics.get("ledger.seal.age").gauge().value()).isBetween(0.0, 60.0);
        }
    }

    @Test
    void what_is_not_sealed_yet_is_counted() {
        test.ledger.handleAll(List.of(meter("a", 3, "1")));
        LedgerVerifier.Report report = verifier.verify(seals.all());
        assertThat(report.findings()).isEmpty();
        assertThat(report.notSealedYet()).isEqualTo(2);
    }

    @Test
    void a_seal_is_signed_and_its_root_is_that_of_the_events() {
        Seal seal = seals.all().getLast();
        assertThat(SIGNER.key().hasSigned(seal.signedText(), String.valueOf(seal.signature())))
                .isTrue();
        SealedEvents.Inclusion inclusion = new SealedEvents(test.jdbc, test.transactions)
                .under(seal.eventCount(), Map.of("a", Set.of(1L, 3L)), events -> {});
        assertThat(inclusion.root()).isEqualTo(seal.root());
        assertThat(inclusion.events())
                .extracting(SealedEvents.Shown::instanceId, SealedEvents.Shown::sequenceNumber)
                .containsExactly(tuple("a", 1L), tuple("a", 3L));
    }

    @Test
    void a_ledger_rewritten_with_its_digests_by_who_has_the_key_has_another_root() {
        List<Seal> others = seals.all().stream()
                .map(seal -> new Seal(seal.eventCount(), seal.head(), seal.sealedAt(), "00".repeat(32), null))
                .toList();
        assertThat(verifier.verify(others).findings())
                .singleElement()
                .asString()
                .contains("have another Merkle root than was sealed");
    }

    @Test
    void events_are_sealed_in_turns_as_they_are_in_one() {
        test.ledger.handleAll(List.of(meter("a", 3, "1"), meter("b", 3, "1")));
        try (LedgerSealer sealer = new LedgerSealer(
                test.jdbc, test.feed, TestLedger.DIGESTS, seals, Clock.fixed(Given.OPENED, ZoneOffset.UTC))) {
            sealer.start(Duration.ofHours(1));
            await().until(sealer::caughtUp);
            sealer.seal();
        }
        assertThat(seals.all()).hasSize(2);
        assertThat(verifier.verify(seals.all()).findings()).isEmpty();
    }

    @Test
    void a_changed_event_is_named() {
        test.jdbc.update(
                "update ledger.event set payload = payload || '{\"amount\": \"9\"}' where instance_id = 'a' and sequence_number = 1");
        assertThat(verifier.verify(seals.all()).findings()).first().asString().contains("a event 1 (hour-metered)");
    }

    @Test
    void another_finding_does_not_hide_that_the_events_have_another_root() {
        test.jdbc.update(
                "update ledger.event set payload = payload || '{\"amount\": \"9\"}' where instance_id = 'a' and sequence_number = 1");
        assertThat(verifier.verify(seals.all()).findings())
                .hasSize(2)
                .last()
                .asString()
                .contains("the first 12 events have another Merkle root than was sealed");
    }

    @Test
    void a_seal_behind_a_signed_one_that_is_not_signed_by_its_key_is_found() {
        Seal signed = seals.all().getLast();
        Seal unsigned = new Seal(signed.eventCount(), signed.head(), signed.sealedAt(), signed.root(), null);
        Seal strangers = unsigned.signedBy(new SealSigner("00".repeat(31) + "02"));
        assertThat(verifier.verify(List.of(unsigned, signed), SIGNER.key(), events -> {})
                        .findings())
                .isEmpty();
        assertThat(verifier.verify(List.of(signed, unsigned), SIGNER.key(), events -> {})
                        .findings())
                .singleElement()
                .asString()
                .contains("is not signed");
        assertThat(verifier.verify(List.of(signed, strangers), SIGNER.key(), events -> {})
                        .findings())
                .singleElement()
                .asString()
                .contains("its signature does not fit");
    }

    @Test
    void a_seal_from_before_there_were_roots_is_compared_by_its_head_alone() throws Exception {
        Seal seal = seals.all().getLast();
        String before = seal.eventCount() + " " + seal.head() + " " + seal.sealedAt();
        Files.writeString(file, before + "\n" + seal.line() + "\n");
        assertThat(seals.all()).extracting(Seal::line).containsExactly(before, seal.line());
        assertThat(verifier.verify(seals.all()).findings()).isEmpty();
        Files.writeString(file, before.replace(seal.head(), "00".repeat(32)) + "\n");
        assertThat(verifier.verify(seals.all()).findings()).isNotEmpty();
    }

    @Test
    void an_event_removed_from_the_middle_is_named() {
        test.jdbc.update("delete from ledger.event where instance_id = 'a' and sequence_number = 2");
        assertThat(verifier.verify(seals.all()).findings())
                .anyMatch(finding -> finding.startsWith("a event 3") && finding.contains("removed"));
    }

    @Test
    void an_event_slipped_in_is_named_with_or_without_a_digest() {
        test.jdbc.update(
                """
                insert into ledger.event (instance_id, sequence_number, event_type, revision, payload)
                values ('b', 6, 'instance-released', 1, '{"releasedAt": "2026-01-01T00:00:00Z"}')
                """);
        assertThat(verifier.verify(seals.all()).findings()).anyMatch(finding -> finding.startsWith("b event 6"));
        test.jdbc.update(
                "update ledger.event set digest = sha256('guessed') where instance_id = 'b' and sequence_number = 6");
        assertThat(verifier.verify(seals.all()).findings()).anyMatch(finding -> finding.startsWith("b event 6"));
    }

    @Test
    void a_tail_cut_with_its_state_before_the_last_seal_is_found() {
        test.jdbc.update("delete from ledger.event where instance_id = 'b' and sequence_number > 3");
        test.jdbc.update("update ledger.instance_snapshot set sequence_number = 3 where instance_id = 'b'");
        assertThat(verifier.verify(seals.all()).findings())
                .anyMatch(finding -> finding.contains("12 events were sealed") && finding.contains("only 10"));
    }

    @Test
    void a_whole_instance_removed_is_found_by_the_seal() {
        test.jdbc.update("delete from ledger.event where instance_id = 'b'");
        test.jdbc.update("delete from ledger.instance_snapshot where instance_id = 'b'");
        assertThat(verifier.verify(seals.all()).findings()).isNotEmpty();
    }

    @Test
    void a_chain_recomputed_with_another_key_does_not_pass() {
        LedgerVerifier other =
                new LedgerVerifier(test.jdbc, test.transactions, new EventDigests("a key that is not the right one"));
        assertThat(other.verify(seals.all()).findings()).hasSizeGreaterThanOrEqualTo(12);
    }
}
