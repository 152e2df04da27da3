package io.hourledger.cli.notice;

import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Person;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.pusher.notice.DeadLetters;
import io.hourledger.pusher.notice.DeadLetters.DeadLetter;
import io.hourledger.standalone.ExitCode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ./metering notice resend}. */
@Command(
        name = "resend",
        header = "Sends dead letters of an endpoint again, with the same ids and the same bytes.",
        description = {
            "",
            "The pusher sends them beside what waits for the endpoint. An app that has one knows its id.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:they are queued again",
            "1:one that was named is no open dead letter of the endpoint, or there is none",
            "2:the command line is wrong",
            "3:it could not run",
            "4:only shown, for want of --yes"
        },
        footer = {
            "",
            "Examples: ./metering notice resend shop --who anna --why 'the app is mended' --yes",
            "          ./metering notice resend shop ntc_0123… --who anna --why 'asked by the app' --yes"
        })
final class NoticeResendCommand extends LedgerQuestion {

    private static final int MOST = 10_000;

    @Parameters(index = "0", paramLabel = "ENDPOINT", description = "the endpoint's name in the settings")
    private String endpoint = "";

    @Parameters(
            index = "1..*",
            paramLabel = "NOTICE",
            description = "the ids of notices (default: all open ones of the endpoint)")
    private List<String> notices = new ArrayList<>();

    @Mixin
    private final Person person = new Person();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        DeadLetters deadLetters = NoticeListCommand.of(ledger);
        DecidedBy by = person.decidedBy();
        List<String> open = deadLetters.oldest(endpoint, null, false, MOST).stream()
                .map(DeadLetter::noticeId)
                .toList();
        List<String> meant = notices.isEmpty() ? open : notices;
        if (meant.isEmpty()) {
            err().println("metering: endpoint " + endpoint + " has no open dead letter");
            return ExitCode.DIFFERENT;
        }
        if (!person.means()) {
            meant.forEach(notice -> out().println(notice));
            out().flush();
            err().println("nothing has happened yet: these would be sent to " + endpoint
                    + " again; give --yes to do so");
            return ExitCode.NOT_ALL;
        }
        int missing = 0;
        for (String notice : meant) {
            if (deadLetters.resend(endpoint, notice, by)) {
                out().println(notice);
            } else {
                missing++;
                err().println("metering: " + notice + " is no open dead letter of endpoint " + endpoint);
            }
        }
        out().flush();
        return missing == 0 ? ExitCode.OK : ExitCode.DIFFERENT;
    }
}
