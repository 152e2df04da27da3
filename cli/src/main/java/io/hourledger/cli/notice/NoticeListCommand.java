package io.hourledger.cli.notice;

import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.pusher.notice.DeadLetters;
import io.hourledger.pusher.notice.DeadLetters.DeadLetter;
import io.hourledger.pusher.notice.DeadLetters.Resent;
import io.hourledger.standalone.ExitCode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering notice list}. */
@Command(
        name = "list",
        header = "Notices that an endpoint did not take in time (dead letters), oldest first.",
        description = {
            "",
            "They are not tried again by themselves. What still waits for an endpoint is summed up at the end.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:there is none", "1:there are some", "2:the command line is wrong", "3:it could not run"},
        footer = {"", "Next: ./metering notice resend ENDPOINT --who NAME --why TEXT"})
final class NoticeListCommand extends LedgerQuestion {

    @Option(names = "--endpoint", paramLabel = "NAME", description = "only those of this endpoint")
    private @Nullable String endpoint;

    @Option(names = "--instance", paramLabel = "ID", description = "only those about this instance")
    private @Nullable String instance;

    @Option(names = "--all", description = "also those that were sent again")
    private boolean all;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "rows at most (default: 100)")
    private int limit;

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        DeadLetters deadLetters = NoticeListCommand.of(ledger);
        List<DeadLetter> found = deadLetters.oldest(endpoint, instance, all, limit + 1);
        Output.Rows rows = output.rows(
                out(),
                "endpoint",
                "notice",
                "instance",
                "type",
                "given_up",
                "tries",
                "last_error",
                "resent",
                "who",
                "why");
        boolean open = false;
        for (DeadLetter dead : found.subList(0, Math.min(limit, found.size()))) {
            Resent resent = dead.resent();
            open |= resent == null;
            rows.add(
                    dead.endpoint(),
                    dead.noticeId(),
                    dead.instanceId(),
                    dead.type(),
                    dead.givenUp().at(),
                    dead.givenUp().tries(),
                    dead.givenUp().lastError(),
                    resent == null ? null : resent.at(),
                    resent == null ? null : resent.by().who(),
                    resent == null ? null : resent.by().why());
        }
        rows.end();
        if (found.size() > limit) {
            err().println("there are more: --limit " + 10 * limit);
        }
        for (DeadLetters.Waiting waiting : deadLetters.waiting()) {
            err().println("endpoint " + waiting.endpoint() + ": notices of " + waiting.instances()
                    + " instances wait, the oldest since "
                    + waiting.oldestSince()
                    + (waiting.failingSince() == null ? "" : "; it takes nothing since " + waiting.failingSince()));
        }
        return open ? ExitCode.DIFFERENT : ExitCode.OK;
    }

    static DeadLetters of(LedgerDatabase.Open ledger) {
        return new DeadLetters(JdbcClient.create(ledger.dataSource()), new TransactionTemplate(ledger.transactions()));
    }
}
