package io.hourledger.pusher.files;

import io.hourledger.contracts.marketplace.RecordCode;
import io.hourledger.ledger.instance.Account;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Holds the rows of a file against the ledger. A row is about one record if it has a serial number, or an instance and a window. Else it
 * is about all of an instance's records in the month. Changes nothing.
 */
public final class FileComparison {

    private static final int ROWS_A_LOOK = 1000;

    private final ListedRecords records;
    private final FileKind kind;
    private final @Nullable Month month;
    private final Consumer<Finding> findings;

    private final List<ListedRow> waiting = new ArrayList<>();
    private final List<Finding> ofOneCopy = new ArrayList<>();
    private final Set<String> listed = new HashSet<>();
    private final Map<String, String> codes = new HashMap<>();
    private final Set<String> contradicted = new HashSet<>();
    private final Map<String, InstanceRows> instances = new HashMap<>();

    /**
     * The settlement month of a bill.
     *
     * @param zone in whose clock it begins and ends
     */
    public record Month(YearMonth month, ZoneId zone) {

        Instant begin() {
            return month.atDay(1).atStartOfDay(zone).toInstant();
        }

        Instant end() {
            return new Month(month.plusMonths(1), zone).begin();
        }

        boolean holds(Instant moment) {
            return !moment.isBefore(begin()) && moment.isBefore(end());
        }
    }

    /** The rows of a bill that are about a whole instance. */
    private static final class InstanceRows {
        private final ListedRow first;
        private BigDecimal amount = BigDecimal.ZERO;

        InstanceRows(ListedRow first) {
            this.first = first;
        }
    }

    private FileComparison(ListedRecords records, FileKind kind, @Nullable Month month, Consumer<Finding> findings) {
        this.records = records;
        this.kind = kind;
        this.month = month;
        this.findings = findings;
    }

    /** Compares the records that the marketplace rejected. */
    public static void ofRejected(DataSource database, MarketplaceFile file, Consumer<Finding> findings) {
        new FileComparison(new ListedRecords(database, null), FileKind.REJECTED, null, findings).compare(file);
    }

    /**
     * Compares a month's bill, both ways: what it has, and what it lacks. Runs in the caller's transaction, so that one state of the ledger is
     * compared.
     *
     * @param account the seller account that was billed; its records alone are compared. Null if the database has one account alone
     */
    public static void ofBill(
            DataSource database,
            @Nullable String account,
            MarketplaceFile file,
            Month month,
            Consumer<Finding> findings) {
        new FileComparison(new ListedRecords(database, account), FileKind.BILL, month, findings).compare(file);
    }

    private void compare(MarketplaceFile file) {
        if (kind == FileKind.REJECTED) {
            file.read(this::noteCode);
        }
        file.read(this::take);
        look();
        lookForOtherCopies();
        if (month != null) {
            compareMonth(month);
        }
    }

    /** A record that is rejected once as a duplicate and once for another reason: whichever row came first must not decide. */
    private void noteCode(ListedRow row) {
        ListedRecords.serialNumber(row).ifPresent(sn -> {
            String code = Objects.requireNonNullElse(row.code(), "");
            String before = codes.putIfAbsent(sn, code);
            if (before != null && !before.equals(code)) {
                contradicted.add(sn);
            }
        });
    }

    private void take(ListedRow row) {
        if (row.unreadable() != null) {
            findings.accept(Finding.of(RowVerdict.UNREADABLE, row, null));
            return;
        }
        if (ListedRecords.serialNumber(row).isPresent()) {
            waiting.add(row);
            if (waiting.size() == ROWS_A_LOOK) {
                look();
            }
            return;
        }
        String instance = row.instanceId();
        BigDecimal amount = row.amount();
        if (kind == FileKind.BILL && instance != null && amount != null) {
            InstanceRows rows = instances.computeIfAbsent(instance, none -> new InstanceRows(row));
            rows.amount = rows.amount.add(amount);
        } else {
            findings.accept(Finding.of(RowVerdict.NOT_IN_LEDGER, row, null));
        }
    }

    private void look() {
        Map<String, ComparedRecord> found = records.find(waiting.stream()
                .map(row -> ListedRecords.serialNumber(row).orElseThrow())
                .toList());
        Set<String> incomplete = records.incompleteInstances();
        for (ListedRow row : waiting) {
            String sn = ListedRecords.serialNumber(row).orElseThrow();
            ComparedRecord record = found.get(sn);
            boolean again = !listed.add(sn) && kind == FileKind.BILL;
            RowVerdict verdict = again || contradicted.contains(sn)
                    ? RowVerdict.LISTED_TWICE
                    : isIncomplete(row, record, incomplete)
                            ? RowVerdict.INCOMPLETE
                            : verdictOf(row, Optional.ofNullable(record));
            if (dependsOnTheCopy(verdict, row)) {
                ofOneCopy.add(Finding.of(verdict, row, record));
            } else {
                findings.accept(Finding.of(verdict, row, record));
            }
        }
        waiting.clear();
    }

    /** A record that is not shown, of an instance that the row does not name, may be of any that waits. */
    private static boolean isIncomplete(ListedRow row, @Nullable ComparedRecord record, Set<String> incomplete) {
        String instance = record == null ? row.instanceId() : record.instanceId();
        return instance == null ? !incomplete.isEmpty() : incomplete.contains(instance);
    }

    private static boolean dependsOnTheCopy(RowVerdict verdict, ListedRow row) {
        if (verdict == RowVerdict.DUPLICATE) {
            return true;
        }
        boolean decides = verdict == RowVerdict.REJECTED || verdict == RowVerdict.NOT_BILLED;
        return decides && !RecordCode.meansRefusalOfEveryCopy(Objects.requireNonNull(row.code()));
    }

    /**
     * A copy that went on another day may have been billed, and the list says nothing of it. Of a duplicate it is the other way round: if we sent
     * one copy alone, the one that stands is somebody else's.
     */
    private void lookForOtherCopies() {
        Set<String> several = records.sentMoreThanOnce(ofOneCopy.stream()
                .map(finding -> Objects.requireNonNull(finding.record()).meteringSn())
                .toList());
        for (Finding finding : ofOneCopy) {
            ComparedRecord record = Objects.requireNonNull(finding.record());
            boolean sentAgain = several.contains(record.meteringSn());
            if (finding.verdict() == RowVerdict.DUPLICATE) {
                findings.accept(sentAgain ? finding : finding.as(RowVerdict.DUPLICATE_OF_ANOTHER));
            } else {
                findings.accept(sentAgain ? finding.as(RowVerdict.SEVERAL_COPIES) : finding);
            }
        }
    }

    private RowVerdict verdictOf(ListedRow row, Optional<ComparedRecord> inLedger) {
        if (inLedger.isEmpty()) {
            return RowVerdict.NOT_IN_LEDGER;
        }
        ComparedRecord record = inLedger.get();
        boolean otherInstance = row.instanceId() != null && !row.instanceId().equals(record.instanceId());
        boolean otherWindow = row.window() != null && !row.window().equals(record.window());
        if (otherInstance || otherWindow) {
            return RowVerdict.CONTRADICTS_ITSELF;
        }
        if (row.amount() != null && row.amount().compareTo(record.amount()) != 0) {
            return RowVerdict.AMOUNT_DIFFERS;
        }
        if (row.amount() == null && row.meteringSn() == null) {
            return RowVerdict.NO_AMOUNT;
        }
        if (month != null && !month.holds(record.window().begin())) {
            return RowVerdict.OTHER_MONTH;
        }
        Account account = Account.labelled(record.state());
        return kind == FileKind.BILL ? billed(account) : rejected(row, account);
    }

    private static RowVerdict billed(Account account) {
        return switch (account) {
            case REPORTED -> RowVerdict.SAME;
            case UNKNOWN -> RowVerdict.BILLED;
            case IN_FLIGHT -> RowVerdict.ON_ITS_WAY;
            case REFUSED, DISPUTED, WRITTEN_OFF, CARRIED, WITHHELD -> RowVerdict.BILLED_THOUGH_NOT_REPORTED;
        };
    }

    /** A duplicate that the console lists is a second copy; the first is billed, also if the ledger counts its amount elsewhere by now. */
    private static RowVerdict rejected(ListedRow row, Account account) {
        String code = row.code();
        if (code == null) {
            return account == Account.REPORTED || account == Account.UNKNOWN ? RowVerdict.NO_CODE : RowVerdict.SAME;
        }
        if (RecordCode.meansDuplicate(code)) {
            return account == Account.CARRIED || account == Account.WRITTEN_OFF
                    ? RowVerdict.BILLED_THOUGH_NOT_REPORTED
                    : RowVerdict.DUPLICATE;
        }
        if (!RecordCode.meansRefusal(code)) {
            return RowVerdict.UNKNOWN_CODE;
        }
        return switch (account) {
            case REPORTED -> RowVerdict.REJECTED;
            case UNKNOWN -> RowVerdict.NOT_BILLED;
            case IN_FLIGHT -> RowVerdict.ON_ITS_WAY;
            case REFUSED, DISPUTED, WRITTEN_OFF, CARRIED, WITHHELD -> RowVerdict.SAME;
        };
    }

    private void compareMonth(Month wanted) {
        Map<String, BigDecimal> reported = new HashMap<>();
        records.reportedIn(wanted.begin(), wanted.end(), record -> {
            if (instances.containsKey(record.instanceId())) {
                if (!listed.contains(record.meteringSn())) {
                    reported.merge(record.instanceId(), record.amount(), BigDecimal::add);
                }
            } else if (!listed.contains(record.meteringSn())) {
                findings.accept(new Finding(RowVerdict.NOT_ON_BILL, null, record, record.amount()));
            }
        });
        Set<String> incomplete = records.incompleteInstances();
        instances.forEach((instance, rows) -> {
            BigDecimal ours = reported.getOrDefault(instance, BigDecimal.ZERO);
            RowVerdict verdict = rows.amount.compareTo(ours) == 0
                    ? RowVerdict.SAME
                    : reported.containsKey(instance) ? RowVerdict.AMOUNT_DIFFERS : RowVerdict.NOT_IN_LEDGER;
            findings.accept(new Finding(
                    incomplete.contains(instance) ? RowVerdict.INCOMPLETE : verdict, sum(rows), null, ours));
        });
    }

    private static ListedRow sum(InstanceRows rows) {
        ListedRow first = rows.first;
        return new ListedRow(
                first.line(), null, first.instanceId(), null, rows.amount, first.code(), first.reason(), null);
    }
}
