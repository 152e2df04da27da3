package io.hourledger.standalone.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.seal.LedgerVerifier;
import io.hourledger.standalone.chaos.Books.Records;
import io.hourledger.standalone.chaos.Books.SetAside;
import io.hourledger.standalone.chaos.Books.Tallies;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerdictTest {

    private static final LedgerVerifier.Report VERIFIED = new LedgerVerifier.Report(100, 90, 0, List.of());

    private static final UsageHour NINE = new UsageHour(Instant.parse("2026-03-01T09:00:00Z"));
    private static final Records REPORTED = new Records(1, 0, 1, 0, 0);

    @Test
    void three_books_that_say_the_same_are_good() {
        assertThat(verdict(book("1.5", 3), book("1.50", 3), book("1.5000", 0), List.of(), REPORTED)
                        .good())
                .isTrue();
    }

    @Test
    void an_event_that_is_in_no_book_is_lost() {
        Verdict verdict = verdict(book("1.5", 3), book("1", 2), book("1", 0), List.of(), REPORTED);
        assertThat(verdict.lost()).isOne();
        assertThat(verdict.doubled()).isZero();
        assertThat(verdict.good()).isFalse();
    }

    @Test
    void an_event_that_counts_twice_is_doubled() {
        Verdict verdict = verdict(book("1.5", 3), book("2", 4), book("2", 0), List.of(), REPORTED);
        assertThat(verdict.doubled()).isOne();
        assertThat(verdict.lost()).isZero();
    }

    @Test
    void one_lost_and_one_doubled_in_the_same_hour_show_in_the_amount() {
        Verdict verdict = verdict(book("1.5", 3), book("1.6", 3), book("1.6", 0), List.of(), REPORTED);
        assertThat(verdict.good()).isFalse();
        assertThat(verdict.ledgerDiffers()).hasSize(1);
    }

    @Test
    void an_event_that_was_set_aside_is_not_called_lost_and_yet_the_run_is_not_good() {
        SetAside late = new SetAside(0, 7, "late", "", "i-1", "e-1", NINE);
        Verdict verdict = verdict(book("1.5", 3), book("1", 2), book("1", 0), List.of(late), REPORTED);
        assertThat(verdict.lost()).isZero();
        assertThat(verdict.good()).isFalse();
    }

    @Test
    void a_record_in_doubt_is_not_good() {
        Verdict verdict =
                verdict(book("1.5", 3), book("1.5", 3), book("1.5", 0), List.of(), new Records(1, 0, 0, 1, 0));
        assertThat(verdict.good()).isFalse();
    }

    @Test
    void a_book_has_one_spelling_for_an_amount_and_no_row_for_nothing(@TempDir Path folder) throws Exception {
        HourAmounts book = book("1.5000", 3);
        book.add("i-0", NINE, new BigDecimal("100.0"), 1);
        book.add("i-2", NINE, new BigDecimal("0.0"), 1);
        book.writeTo(folder.resolve("book.csv"));
        assertThat(Files.readAllLines(folder.resolve("book.csv")))
                .containsExactly(
                        "instance_id,hour,amount", "i-0,2026-03-01T09:00:00Z,100", "i-1,2026-03-01T09:00:00Z,1.5");
    }

    private static Verdict verdict(
            HourAmounts truth, HourAmounts ledger, HourAmounts gallery, List<SetAside> setAside, Records records) {
        Tallies tallies = new Tallies(ledger.events() + setAside.size(), ledger.events(), 0, setAside.size());
        return Verdict.of(truth, ledger, gallery, setAside, tallies, 0, records, true, Map.of(), VERIFIED);
    }

    private static HourAmounts book(String amount, long events) {
        HourAmounts book = new HourAmounts();
        book.add("i-1", NINE, new BigDecimal(amount), events);
        return book;
    }
}
