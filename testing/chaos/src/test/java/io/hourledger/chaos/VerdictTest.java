package io.hourledger.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.chaos.LedgerReader.QuarantinedRecord;
import io.hourledger.chaos.LedgerReader.Records;
import io.hourledger.chaos.LedgerReader.Tallies;
import io.hourledger.chaos.Verdict.FilteredOut;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.seal.LedgerVerifier;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class VerdictTest {

    private static final LedgerVerifier.Report VERIFIED =
            new LedgerVerifier.Report(100, 0, 90, 1, 0, List.of(), List.of());

    private static final UsageHour NINE = new UsageHour(Instant.parse("2026-03-01T09:00:00Z"));
    private static final long FILTERED_OUT = 4;
    private static final Records REPORTED = new Records(1, 0, 1, 0, 0);

    private final ExpectedUncounted uncounted = new ExpectedUncounted();
    private final HourAmounts waiting = new HourAmounts();
    private FilteredOut filteredOut = new FilteredOut(FILTERED_OUT, 0, true);

    @Test
    void three_books_that_say_the_same_are_good() {
        assertThat(verdict(journal("1.5", 3), journal("1.50", 3), journal("1.5000", 0), List.of(), REPORTED)
                        .good())
                .isTrue();
    }

    @Test
    void an_event_that_is_in_no_book_is_lost() {
        Verdict verdict = verdict(journal("1.5", 3), journal("1", 2), journal("1", 0), List.of(), REPORTED);
        assertThat(verdict.lost()).isOne();
        assertThat(verdict.doubled()).isZero();
        assertThat(verdict.good()).isFalse();
    }

    @Test
    void an_event_that_counts_twice_is_doubled() {
        Verdict verdict = verdict(journal("1.5", 3), journal("2", 4), journal("2", 0), List.of(), REPORTED);
        assertThat(verdict.doubled()).isOne();
        assertThat(verdict.lost()).isZero();
    }

    @Test
    void one_lost_and_one_doubled_in_the_same_hour_show_in_the_amount() {
        Verdict verdict = verdict(journal("1.5", 3), journal("1.6", 3), journal("1.6", 0), List.of(), REPORTED);
        assertThat(verdict.good()).isFalse();
        assertThat(verdict.ledgerDiffers()).hasSize(1);
    }

    @Test
    void an_event_that_was_quarantined_although_it_counts_is_named() {
        QuarantinedRecord late = quarantined("e-1", "late");
        Verdict verdict = verdict(journal("1.5", 3), journal("1", 2), journal("1", 0), List.of(late), REPORTED);
        assertThat(verdict.lost()).isOne();
        assertThat(verdict.wrong()).anyMatch(wrong -> wrong.contains("e-1 as late"));
    }

    @Test
    void a_record_that_cannot_be_counted_must_be_in_quarantine_for_its_reason() {
        uncounted.attempt("u-1", "malformed");
        uncounted.acknowledge("u-1");
        uncounted.attempt("u-2", "malformed");
        HourAmounts journal = journal("1.5", 3);

        assertThat(verdict(journal, journal, journal, List.of(quarantined("u-1", "malformed")), REPORTED)
                        .good())
                .isTrue();
        assertThat(verdict(journal, journal, journal, List.of(quarantined("u-1", "late")), REPORTED)
                        .wrong())
                .containsExactly("1 events were quarantined for another reason, such as u-1 as late, not malformed");
        assertThat(verdict(journal, journal, journal, List.of(), REPORTED).wrong())
                .containsExactly("1 events that cannot be counted are not in quarantine, such as u-1");
    }

    @Test
    void usage_of_an_instance_that_nobody_opened_must_wait() {
        HourAmounts journal = journal("1.5", 3);
        uncounted.acknowledgeWaiting("i-9", NINE, BigDecimal.ONE);

        assertThat(verdict(journal, journal, journal, List.of(), REPORTED).good())
                .isFalse();
        waiting.add("i-9", NINE, BigDecimal.ONE, 1);
        assertThat(verdict(journal, journal, journal, List.of(), REPORTED).good())
                .isTrue();
    }

    @Test
    void what_no_filter_takes_must_be_in_the_log_and_in_the_tally() {
        HourAmounts journal = journal("1.5", 3);
        filteredOut = new FilteredOut(FILTERED_OUT + 1, 0, true);
        assertThat(verdict(journal, journal, journal, List.of(), REPORTED).good())
                .isFalse();

        filteredOut = new FilteredOut(FILTERED_OUT, 1, true);
        assertThat(verdict(journal, journal, journal, List.of(), REPORTED).wrong())
                .containsExactly("1 acknowledged events that no filter takes are not in the log: lost");
    }

    @Test
    void a_run_without_its_second_version_of_the_catalogue_is_not_good() {
        HourAmounts journal = journal("1.5", 3);
        filteredOut = new FilteredOut(FILTERED_OUT, 0, false);

        assertThat(verdict(journal, journal, journal, List.of(), REPORTED).wrong())
                .containsExactly("the second version of the catalogue was not published");
    }

    @Test
    void a_record_in_doubt_is_not_good() {
        Verdict verdict =
                verdict(journal("1.5", 3), journal("1.5", 3), journal("1.5", 0), List.of(), new Records(1, 0, 0, 1, 0));
        assertThat(verdict.good()).isFalse();
    }

    @Test
    void a_book_has_one_spelling_for_an_amount_and_no_row_for_nothing(@TempDir Path folder) throws Exception {
        HourAmounts journal = journal("1.5000", 3);
        journal.add("i-0", NINE, new BigDecimal("100.0"), 1);
        journal.add("i-2", NINE, new BigDecimal("0.0"), 1);
        journal.writeTo(folder.resolve("book.csv"));
        assertThat(Files.readAllLines(folder.resolve("book.csv")))
                .containsExactly(
                        "instance_id,hour,amount", "i-0,2026-03-01T09:00:00Z,100", "i-1,2026-03-01T09:00:00Z,1.5");
    }

    private static QuarantinedRecord quarantined(String id, String reason) {
        return new QuarantinedRecord(0, 7, reason, "", "i-1", id, NINE);
    }

    private Verdict verdict(
            HourAmounts truth,
            HourAmounts ledger,
            HourAmounts gallery,
            List<QuarantinedRecord> quarantined,
            Records records) {
        Tallies tallies = new Tallies(
                ledger.events() + quarantined.size() + FILTERED_OUT,
                ledger.events(),
                0,
                quarantined.size(),
                FILTERED_OUT);
        return Verdict.of(
                truth,
                ledger,
                gallery,
                quarantined,
                tallies,
                waiting,
                uncounted,
                filteredOut,
                records,
                true,
                Map.of(),
                VERIFIED);
    }

    private static HourAmounts journal(String amount, long events) {
        HourAmounts journal = new HourAmounts();
        journal.add("i-1", NINE, new BigDecimal(amount), events);
        return journal;
    }
}
