package io.hourledger.ledger.store;

import static io.hourledger.ledger.instance.Given.dispute;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.report;
import static io.hourledger.ledger.instance.Given.sn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.InstanceState;
import io.hourledger.ledger.projection.LedgerReplay;
import io.hourledger.ledger.seal.LedgerVerifier;
import io.hourledger.ledger.statement.MonthDiff;
import io.hourledger.ledger.statement.Statement;
import io.hourledger.ledger.statement.UsageRecordReport;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A ledger of January, its digests and the exports of that month, all of them written by the last version before a dispute named who entered it
 * (revision 1 of {@code usage-record-disputed}), laid down as they were and read by this version.
 */
@Tag("servers")
class EventUpcasterTest {

    private static final YearMonth JANUARY = YearMonth.of(2026, 1);
    private static final int A_YEAR_LATER = 24 * 365;

    private final TestLedger test = new TestLedger();

    @AfterEach
    void close() {
        test.close();
    }

    @BeforeEach
    void a_ledger_of_the_version_before() throws IOException {
        Map<String, InstanceState> states = new HashMap<>();
        Map<String, String[]> last = new HashMap<>();
        for (String line : lines("events.tsv")) {
            String[] row = line.split("\t", -1);
            test.jdbc.update(
                    """
                    insert into ledger.event (instance_id, sequence_number, event_type, revision, digest, payload)
                    values (?, ?::bigint, ?, ?::int, decode(?, 'hex'), ?::jsonb)
                    """,
                    (Object[]) row);
            InstanceEvent event = test.json.read(row[0], row[2], Integer.parseInt(row[3]), row[5]);
            states.put(row[0], InstanceState.after(states.get(row[0]), event));
            last.put(row[0], row);
        }
        SnapshotCodec stateJson = new SnapshotCodec();
        last.forEach((id, row) -> test.jdbc.update(
                """
                insert into ledger.instance_snapshot (instance_id, sequence_number, transaction_id, state, digest, form)
                values (?, ?::bigint, pg_current_xact_id(), ?::jsonb, decode(?, 'hex'), ?)
                """,
                id,
                row[1],
                stateJson.write(Objects.requireNonNull(states.get(id))),
                row[4],
                SnapshotCodec.FORM));
        test.projections.start();
        await().until(test.projections::caughtUp);
    }

    @Test
    void a_month_is_exported_as_it_was_before_an_event_changed_its_form_and_after_the_ledger_went_on_in_the_new_form()
            throws IOException {
        List<String> before = lines("export.csv");
        assertThat(before).filteredOn(line -> line.contains("disputed")).hasSizeGreaterThan(3);
        assertThat(export()).isEqualTo(before);

        List<Decision> decisions = test.ledger.handleAll(List.of(
                meter("i2", A_YEAR_LATER, "7.5"),
                report("i2", sn("i2", A_YEAR_LATER)),
                dispute("i2", sn("i2", A_YEAR_LATER))));
        assertThat(decisions).allMatch(Decision.Done.class::isInstance);
        await().until(test.projections::caughtUp);
        assertThat(test.jdbc.queryForList(
                        "select distinct revision from ledger.event where event_type = 'usage-record-disputed' order by 1",
                        Integer.class))
                .containsExactly(1, 2);
        assertThat(export()).isEqualTo(before);

        assertThat(new LedgerReplay(test.jdbc, test.transactions)
                        .run(events -> {})
                        .differences())
                .isEmpty();
        assertThat(export()).isEqualTo(before);
    }

    @Test
    void what_was_written_in_the_old_form_keeps_its_digests() {
        LedgerVerifier.Report report =
                new LedgerVerifier(test.jdbc, test.transactions, TestLedger.DIGESTS).verify(List.of());
        assertThat(report.findings()).isEmpty();
        assertThat(report.withoutDigest()).isZero();
    }

    private List<String> export() {
        List<String> rows = new ArrayList<>();
        Instant february =
                JANUARY.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        new UsageRecordReport(test.jdbc, test.transactions).forEach(row -> {
            if (row.record().window().begin().isBefore(february)) {
                rows.add("record,"
                        + line(
                                row.instance().buyerId(),
                                row.instance().meter(),
                                row.instance().instanceId(),
                                row.record().window().begin(),
                                row.record().window().end(),
                                row.record().amount(),
                                row.record().carried(),
                                row.record().meteringSn(),
                                row.record().state(),
                                row.record().reportedAt()));
            }
        });
        new Statement(test.jdbc, test.transactions)
                .lines(
                        new Statement.Scope(null, null, JANUARY),
                        row -> rows.add("line,"
                                + line(
                                        row.instance().buyerId(),
                                        row.instance().meter(),
                                        row.instance().instanceId(),
                                        row.hour(),
                                        row.revision(),
                                        row.metered(),
                                        row.withheld().amount(),
                                        row.withheld().reason(),
                                        row.record() == null
                                                ? null
                                                : row.record().meteringSn(),
                                        row.record() == null
                                                ? null
                                                : row.record().state())));
        Consumer<MonthDiff.Change> change = row -> rows.add("change,"
                + line(
                        row.instanceId(),
                        row.hour(),
                        row.revision(),
                        row.occurrence().type(),
                        row.occurrence().at(),
                        row.meteringSn(),
                        row.amount(),
                        row.occurrence().why()));
        new MonthDiff(test.jdbc, test.transactions)
                .changes(JANUARY, Instant.EPOCH, UsageHour.ofNumber(600_000).start(), change);
        return rows;
    }

    private static String line(Object... values) {
        return Arrays.stream(values)
                .map(value -> value == null
                        ? ""
                        : value instanceof BigDecimal amount ? amount.toPlainString() : value.toString())
                .collect(Collectors.joining(","));
    }

    private static List<String> lines(String file) throws IOException {
        try (InputStream stored = EventUpcasterTest.class.getResourceAsStream("/written-in-revision-1/" + file)) {
            return new String(Objects.requireNonNull(stored).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }
}
