package io.hourledger.cli.marketplace;

import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.cli.ledger.SellerAccountOption;
import io.hourledger.pusher.push.ShadowRecords;
import io.hourledger.pusher.push.ShadowRecords.HourInShadow;
import io.hourledger.pusher.push.ShadowRecords.Standing;
import io.hourledger.standalone.ExitCode;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering marketplace shadow}. */
@Command(
        name = "shadow",
        header =
                "Records that are issued and not sent, since another system reports their hours; the newest hour first.",
        description = {
            "",
            "What they say is in ./metering ledger export and in every statement: hold it against the other system's figures.",
            ""
        },
        footer = {"", "Example: ./metering marketplace shadow --data-dir data"})
final class ShadowCommand extends LedgerQuestion {

    @Option(names = "--limit", paramLabel = "N", defaultValue = "48", description = "hours at most (default: 48)")
    private int limit;

    @Mixin
    private SellerAccountOption account = new SellerAccountOption();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        Optional<String> named = account.of(ledger);
        if (named.isEmpty()) {
            err().println(account.whyNone(ledger));
            return ExitCode.OK;
        }
        ShadowRecords shadow = new ShadowRecords(JdbcClient.create(ledger.dataSource()), named.get());
        err().println(shadow.standing().map(ShadowCommand::said).orElse("no pusher has run on this database yet"));
        Output.Rows rows = output.rows(out(), "hour", "records", "instances");
        for (HourInShadow hour : shadow.byHour(limit)) {
            rows.add(hour.hour(), hour.records(), hour.instances());
        }
        rows.end();
        return ExitCode.OK;
    }

    static String said(Standing standing) {
        if (standing.isInShadow()) {
            return "in shadow: nothing is reported until ./metering marketplace go-live says from which hour on";
        }
        return standing.liveBy() == null
                ? "never in shadow: all usage is reported"
                : "usage is reported from " + standing.from() + " on, as "
                        + standing.liveBy().who() + " said: "
                        + standing.liveBy().why();
    }
}
