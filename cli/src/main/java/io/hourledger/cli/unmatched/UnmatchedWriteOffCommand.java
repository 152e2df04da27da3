package io.hourledger.cli.unmatched;

import io.hourledger.aggregator.unmatched.UsageWriteOff;
import io.hourledger.aggregator.unmatched.UsageWriteOff.Found;
import io.hourledger.aggregator.unmatched.UsageWriteOff.State;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.cli.ledger.Person;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.standalone.ExitCode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./metering unmatched write-off}. */
@Command(
        name = "write-off",
        header = "Says that nobody is billed for usage that is counted and not in the ledger.",
        description = {
            "",
            "For usage of a misspelt subject, of a closed hour that a rule of the ledger refused, and of an hour of an"
                    + " instance that is blocked for good. Its later hours go on. It is kept with who and why, and can't"
                    + " be taken back.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all of it is written off",
            "1:there is none, or some was entered in the ledger meanwhile; it says which",
            "2:the command line is wrong",
            "3:it could not run",
            "4:it was only shown; give --yes"
        },
        footer = {
            "",
            "Examples: ./metering unmatched write-off I-0NE --state unmatched --data-dir data --who li.wei \\",
            "             --why \"misspelt by the app, sent again as I-ONE\" --yes",
            "          ./metering unmatched write-off i-7 --state blocked --until 2026-11-29T15:00:00Z --data-dir data \\",
            "             --who li.wei --why \"charged by hand\" --yes",
            "Next: ./metering unmatched list, then ./metering audit"
        })
final class UnmatchedWriteOffCommand extends LedgerQuestion {

    @Parameters(paramLabel = "SUBJECT", description = "whose usage it is")
    private String subject = "";

    @Option(
            names = "--state",
            paramLabel = "STATE",
            required = true,
            description = "unmatched, refused or blocked: what stands so now")
    private String state = "";

    @Option(
            names = "--until",
            paramLabel = "HOUR",
            description =
                    "the last hour that is meant, by its start; required for blocked, whose later hours wait for it")
    private @Nullable String until;

    @Mixin
    private Person person = new Person();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        DecidedBy by = person.decidedBy();
        State wanted = State.ofCode(state)
                .orElseThrow(() -> wrong("--state is unmatched, refused or blocked, and not " + state));
        if (wanted == State.BLOCKED && until == null) {
            throw wrong("later hours of a blocked instance wait for the first and can still be billed:"
                    + " say by --until HOUR how far you write off");
        }
        Instant now = Person.now(ledger);
        UsageWriteOff writeOff = new UsageWriteOff(ledger.dataSource());
        List<Found> all = writeOff.find(subject, wanted, through());
        boolean isAll = !all.isEmpty();
        Output.Rows rows = output.rows(out(), "hour", "revision", "meter", "events", "raw-total", "outcome", "reason");
        try {
            for (Found found : all) {
                boolean isEnded =
                        !found.isMetered() && (!person.means() || writeOff.writeOff(subject, wanted, found, by, now));
                isAll &= isEnded;
                rows.add(
                        found.hour(),
                        found.revision(),
                        found.meter(),
                        found.events(),
                        found.rawTotal(),
                        isEnded ? person.means() ? "written off" : "would be written off" : "in the ledger meanwhile",
                        found.reason());
            }
        } finally {
            rows.end(); // what is written off is told, whatever comes of the rest
        }
        if (!isAll) {
            return ExitCode.DIFFERENT;
        }
        if (!person.means()) {
            err().println("nothing has happened yet: this would; give --yes to write off");
            return ExitCode.NOT_ALL;
        }
        return ExitCode.OK;
    }

    private @Nullable UsageHour through() {
        if (until == null) {
            return null;
        }
        try {
            return new UsageHour(Instant.parse(until));
        } catch (DateTimeException | IllegalArgumentException noHour) {
            throw wrong("--until is the start of an hour, such as 2026-11-29T15:00:00Z, and not " + until);
        }
    }
}
