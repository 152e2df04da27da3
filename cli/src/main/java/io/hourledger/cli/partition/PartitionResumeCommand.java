package io.hourledger.cli.partition;

import io.hourledger.aggregator.postgres.PostgresPartitionPositions;
import io.hourledger.aggregator.recount.LogExtents;
import io.hourledger.aggregator.resume.LogGap;
import io.hourledger.aggregator.resume.PartitionStanding;
import io.hourledger.aggregator.resume.ResumePartition;
import io.hourledger.aggregator.resume.ResumePartition.Plan;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.cli.ledger.Person;
import io.hourledger.cli.ledger.UsageLogPlace;
import io.hourledger.cli.ledger.UsageLogPlace.Kafka;
import io.hourledger.cli.ledger.UsageLogPlace.KafkaMissingException;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.standalone.ExitCode;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./metering partition resume}. */
@Command(
        name = "resume",
        header = "Lets a halted partition go on: where it stands, or behind records that are lost.",
        description = {
            "",
            "Without --to the same checks decide again, once you have mended what ./metering partition show names."
                    + " With --to the position moves, and the records before it are never counted: what is skipped is said"
                    + " first, and kept for good with who and why. ./metering ledger verify names it from then on.",
            "",
            "An aggregator that runs goes on by itself within seconds.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it may go on",
            "1:it must not go on like that, or it has gone on meanwhile; it says why",
            "2:the command line is wrong",
            "3:it could not run",
            "4:it was only shown; give --yes"
        },
        footer = {
            "",
            "Examples: ./metering partition resume 2 --data-dir data --who li.wei --why \"heap raised to 2 GB\" --yes",
            "          ./metering partition resume 2 --data-dir data --to log-start --who li.wei \\",
            "             --why \"retention was 7 days, the outage 9\" --yes",
            "Next: ./metering partition show 2, then ./metering ledger verify"
        })
final class PartitionResumeCommand extends LedgerQuestion {

    private static final String LOG_START = "log-start";

    @Parameters(paramLabel = "PARTITION", description = "its number")
    private int partition;

    @Option(
            names = "--to",
            paramLabel = "OFFSET",
            description = "go on at this offset, or at log-start, and never count what lies before it")
    private @Nullable String to;

    @Mixin
    private Person person = new Person();

    @Mixin
    private UsageLogPlace place = new UsageLogPlace();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        DecidedBy by = person.decidedBy();
        Instant now = Person.now(ledger);
        try (Kafka kafka = place.open(ledger)) {
            LogExtents log = new LogExtents(kafka.log());
            ResumePartition resuming = new ResumePartition(new PostgresPartitionPositions(ledger.dataSource()), log);
            Plan plan = resuming.plan(partition, offset(log), by, now);
            if (plan instanceof Plan.Refused(String sentence)) {
                err().println("refused: " + sentence);
                return ExitCode.DIFFERENT;
            }
            show(plan);
            if (!person.means()) {
                err().println("nothing has happened yet: this would; give --yes to let it go on");
                return ExitCode.NOT_ALL;
            }
            if (!resuming.run(plan, by, now)) {
                err().println("refused: the partition has gone on or was moved meanwhile; ./metering partition show "
                        + partition);
                return ExitCode.DIFFERENT;
            }
            err().println("it may go on; a running aggregator notices within seconds");
            return ExitCode.OK;
        } catch (KafkaMissingException missing) {
            throw new IllegalStateException(missing.getMessage(), missing);
        }
    }

    private OptionalLong offset(LogExtents log) {
        if (to == null) {
            return OptionalLong.empty();
        }
        if (to.equals(LOG_START)) {
            return OptionalLong.of(log.of(partition).begin());
        }
        try {
            return OptionalLong.of(Long.parseLong(to));
        } catch (NumberFormatException notANumber) {
            throw wrong("--to is an offset or " + LOG_START + ", and not " + to);
        }
    }

    private void show(Plan plan) {
        Output.Rows rows = output.rows(out(), "about", "value");
        switch (plan) {
            case Plan.TryAgain(PartitionStanding standing) ->
                rows.add("goes on at", "offset " + standing.nextOffset() + ", nothing is skipped");
            case Plan.Skip(PartitionStanding _, LogGap gap) -> {
                rows.add("goes on at", "offset " + gap.to());
                rows.add("never counted", gap.offsets() + ", " + (gap.to() - gap.from()) + " in all");
                rows.add("may miss usage", gap.hours());
            }
            case Plan.Refused(String sentence) -> rows.add("refused", sentence);
        }
        rows.end();
    }
}
