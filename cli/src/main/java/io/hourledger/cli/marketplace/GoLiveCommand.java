package io.hourledger.cli.marketplace;

import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Person;
import io.hourledger.cli.ledger.SellerAccountOption;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.pusher.push.ShadowRecords;
import io.hourledger.pusher.push.ShadowRecords.Parted;
import io.hourledger.pusher.push.ShadowRecords.Standing;
import io.hourledger.standalone.ExitCode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering marketplace go-live}. */
@Command(
        name = "go-live",
        header = "Ends the shadow: from an hour on, usage is reported here and no more by the other system.",
        description = {
            "",
            "Records of earlier hours are written off in your name, also those that late usage brings later.",
            "Records from that hour on are sent at once. The other system must report none of them.",
            "This happens once and cannot be taken back. Without --yes it is only shown.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is said; the pusher does the rest within seconds",
            "1:the account is not in shadow",
            "2:the command line is wrong",
            "3:it could not run",
            "4:it was only shown; give --yes"
        },
        footer = {
            "",
            "Example: ./metering marketplace go-live --from 2026-12-01T00:00:00Z --data-dir data --who li.wei \\",
            "           --why \"the old meter ends with November\" --yes"
        })
final class GoLiveCommand extends LedgerQuestion {

    private static final Duration FARTHEST_AHEAD = Duration.ofDays(31);

    /** The marketplace takes no record that begins earlier than this before now (koogallery.md, section 1.4). */
    private static final Duration AGE_LIMIT = Duration.ofDays(21);

    @Option(
            names = "--from",
            paramLabel = "HOUR",
            required = true,
            description = "the first usage hour that is reported here, as 2026-12-01T00:00:00Z")
    private Instant from = Instant.EPOCH;

    @Mixin
    private SellerAccountOption account = new SellerAccountOption();

    @Mixin
    private Person person = new Person();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        UsageHour hour = UsageHour.of(from);
        if (!hour.start().equals(from)) {
            throw wrong("--from is not the start of an hour: " + from);
        }
        var by = person.decidedBy();
        Optional<String> named = account.of(ledger);
        if (named.isEmpty()) {
            err().println("metering: " + account.whyNone(ledger));
            return ExitCode.DIFFERENT;
        }
        ShadowRecords shadow = new ShadowRecords(JdbcClient.create(ledger.dataSource()), named.get());
        Optional<Standing> standing = shadow.standing();
        if (standing.isEmpty() || !standing.get().isInShadow()) {
            err().println("metering: "
                    + standing.map(ShadowCommand::said).orElse("no pusher has run on this database yet"));
            return ExitCode.DIFFERENT;
        }
        Instant now = Person.now(ledger);
        if (from.isAfter(now.plus(FARTHEST_AHEAD))) {
            throw wrong("--from is more than 31 days ahead; until then nothing would be reported: " + from);
        }
        Parted parted = shadow.parted(hour, now, AGE_LIMIT);
        err().println("records of hours before " + from + ", to be written off: " + parted.earlier());
        err().println("records from that hour on, to be sent: " + parted.ours());
        if (parted.late() > 0) {
            err().println(
                            "of these, " + parted.late()
                                    + " come too late for minute 15 of their next hour; the marketplace takes them up to its age limit");
        }
        if (parted.tooOld() > 0) {
            err().println(parted.tooOld()
                    + " are older than 21 days: the marketplace refuses them, and a person must write each off");
        }
        if (!person.means()) {
            err().println("nothing has happened yet: give --yes to report from " + from + " on");
            return ExitCode.NOT_ALL;
        }
        if (!shadow.goLive(hour, by, now)) {
            err().println("metering: pushing is suspended (./metering ledger reconcile), or somebody else was faster"
                    + " (./metering marketplace shadow shows who)");
            return ExitCode.DIFFERENT;
        }
        err().println("usage is reported from " + from + " on");
        return ExitCode.OK;
    }
}
