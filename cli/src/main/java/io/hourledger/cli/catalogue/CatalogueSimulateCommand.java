package io.hourledger.cli.catalogue;

import io.hourledger.aggregator.postgres.PostgresPartitionPositions;
import io.hourledger.aggregator.recount.CatalogueSimulation;
import io.hourledger.aggregator.recount.CatalogueSimulation.BothAmounts;
import io.hourledger.aggregator.recount.ClosedHours;
import io.hourledger.aggregator.recount.ClosedHours.PartitionHour;
import io.hourledger.aggregator.recount.Recount;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.UsageLogPlace;
import io.hourledger.cli.ledger.UsageLogPlace.Kafka;
import io.hourledger.cli.ledger.UsageLogPlace.KafkaMissingException;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.store.StateQueries;
import io.hourledger.standalone.ExitCode;
import java.nio.file.Path;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./metering catalogue simulate}. */
@Command(
        name = "simulate",
        header = "What another catalogue would have metered in a month, beside what today's versions make of it.",
        description = {
            "",
            "Counts every closed hour of the month (UTC) twice from the usage log, as ./metering ledger verify counts"
                    + " it: by the versions that were published, and by FILE alone. Nothing is written or published.",
            "",
            "One row for each meter, product and unit. An amount stands under a product if the catalogue that counted"
                    + " measures by this meter the product that its instance had when the hour began. All other amounts"
                    + " stand under no product: those of meters that bill nobody there, and of subjects that no instance"
                    + " has. Amounts are metered ones: what of them is billed, the life of each instance decides.",
            "",
            "Hours that cannot be counted are named on standard error, and are in no column.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all of the month was counted by both",
            "1:the file is no catalogue; a sentence says why",
            "2:the command line is wrong",
            "3:it could not run",
            "4:some of the month could not be counted, or is not closed yet; it is named"
        },
        footer = {
            "",
            "Example: ./metering catalogue simulate new.json --month 2026-11 --data-dir data",
            "         ./metering catalogue simulate new.json --month 2026-11 --data-dir data --out november.csv"
        })
final class CatalogueSimulateCommand extends LedgerQuestion {

    @Parameters(paramLabel = "FILE", description = "the other catalogue; its version does not matter")
    private @Nullable Path file;

    @Option(names = "--month", paramLabel = "YYYY-MM", required = true, description = "whose hours (UTC)")
    private @Nullable YearMonth month;

    @Option(
            names = "--out",
            paramLabel = "FILE.csv|json",
            description = "a file of the form that its name ends in, replaced when it is whole (default: print)")
    private @Nullable Path rowsFile;

    @Mixin
    private UsageLogPlace place = new UsageLogPlace();

    private long counted;
    private long left;

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        output.problemWith(rowsFile).ifPresent(problem -> {
            throw wrong(problem);
        });
        return switch (CatalogueReading.of(Objects.requireNonNull(file))) {
            case CatalogueReading.Invalid(String sentence) -> {
                err().println("metering: " + file + ": " + sentence);
                yield ExitCode.DIFFERENT;
            }
            case CatalogueReading.Valid(Catalogue other) -> simulate(ledger, other);
        };
    }

    private int simulate(LedgerDatabase.Open ledger, Catalogue other) {
        try (Kafka kafka = place.open(ledger)) {
            BothAmountsTable table = new BothAmountsTable(kafka.catalogues(), other, new StateQueries(ledger.jdbc()));
            nameGaps(ledger);
            ClosedHours closedHours = new ClosedHours(ledger.dataSource());
            SortedMap<Integer, UsageHour> closedForGood = closedHours.closedForGood();
            SortedMap<PartitionHour, Integer> hours = new TreeMap<>();
            closedHours.all().forEach(hour -> hours.put(hour, 0));
            CatalogueSimulation simulation = kafka.simulation(other);
            for (int partition = 0; partition < kafka.partitions(); partition++) {
                addHoursOfTheLog(simulation, partition, hours);
                nameEnds(partition, closedForGood.get(partition), hours);
            }
            hours.forEach((hour, lastRevision) -> {
                if (isInMonth(hour.hour())) {
                    count(simulation, hour, lastRevision, table);
                }
            });
            output.write(out(), rowsFile, table::writeTo, BothAmountsTable.COLUMNS);
        } catch (KafkaMissingException missing) {
            throw new IllegalStateException(missing.getMessage(), missing);
        }
        err().printf("%,d hours of a partition were counted by both catalogues%n", counted);
        if (left > 0) {
            err().println("what is named above is in no column");
        }
        return left == 0 ? ExitCode.OK : ExitCode.NOT_ALL;
    }

    private Instant begin() {
        return Objects.requireNonNull(month)
                .atDay(1)
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
    }

    private Instant end() {
        return Objects.requireNonNull(month)
                .plusMonths(1)
                .atDay(1)
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
    }

    private boolean isInMonth(UsageHour hour) {
        return !hour.start().isBefore(begin()) && hour.start().isBefore(end());
    }

    private void leave(String what, String why) {
        left++;
        err().println(what + ": " + why);
    }

    /** What a person skipped was never counted, and is not counted here. */
    private void nameGaps(LedgerDatabase.Open ledger) {
        new PostgresPartitionPositions(ledger.dataSource())
                .gaps().stream()
                        .filter(gap -> !gap.lastHour().start().isBefore(begin()))
                        .filter(gap -> gap.firstHour() == null
                                || gap.firstHour().start().isBefore(end()))
                        .forEach(gap -> leave(
                                "partition " + gap.partition() + ", " + gap.offsets(),
                                "skipped by " + gap.decidedBy().who() + ": " + gap.hours() + " may miss usage"));
    }

    private void addHoursOfTheLog(
            CatalogueSimulation simulation, int partition, SortedMap<PartitionHour, Integer> hours) {
        String name = "partition " + partition + ", hours without usage today";
        switch (simulation.hoursInLog(partition)) {
            case Recount.Counted<SortedMap<UsageHour, Integer>>(SortedMap<UsageHour, Integer> inLog) ->
                inLog.forEach((hour, revision) -> hours.put(new PartitionHour(partition, hour), revision));
            case Recount.LogGone<SortedMap<UsageHour, Integer>>(String why) -> leave(name, why);
            case Recount.NotOver<SortedMap<UsageHour, Integer>>(String why) -> leave(name, why);
            case Recount.Differs<SortedMap<UsageHour, Integer>>(String why) -> leave(name, why);
            case Recount.NoRoom<SortedMap<UsageHour, Integer>>(String why) -> leave(name, why);
        }
    }

    /** The hours of the month that lie before those that can be counted, and behind them. */
    private void nameEnds(int partition, @Nullable UsageHour closedForGood, SortedMap<PartitionHour, Integer> hours) {
        String name = "partition " + partition + ", ";
        if (closedForGood != null && !closedForGood.start().isBefore(begin())) {
            leave(name + "hours up to " + closedForGood, "they are closed for good: their ids and cutoffs are gone");
        }
        SortedMap<PartitionHour, Integer> ofPartition = hours.subMap(
                new PartitionHour(partition, UsageHour.ofNumber(0)),
                new PartitionHour(partition + 1, UsageHour.ofNumber(0)));
        UsageHour last = UsageHour.ofNumber(UsageHour.of(end()).number() - 1);
        if (ofPartition.isEmpty() || ofPartition.lastKey().hour().compareTo(last) < 0) {
            leave(
                    name
                            + (ofPartition.isEmpty()
                                    ? "all hours"
                                    : "hours behind " + ofPartition.lastKey().hour()),
                    "they are not closed yet");
        }
    }

    private void count(CatalogueSimulation simulation, PartitionHour one, int lastRevision, BothAmountsTable table) {
        String name = "partition " + one.partition() + ", hour " + one.hour();
        switch (simulation.count(one.partition(), one.hour(), lastRevision)) {
            case Recount.Counted<BothAmounts>(BothAmounts amounts) -> {
                counted++;
                table.add(one.hour(), amounts);
            }
            case Recount.LogGone<BothAmounts>(String why) -> leave(name, "Kafka no longer keeps it: " + why);
            case Recount.NotOver<BothAmounts>(String why) -> leave(name, why);
            case Recount.Differs<BothAmounts>(String why) -> leave(name, why);
            case Recount.NoRoom<BothAmounts>(String why) -> leave(name, why);
        }
    }
}
