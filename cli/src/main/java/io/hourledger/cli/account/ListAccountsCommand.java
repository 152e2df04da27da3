package io.hourledger.cli.account;

import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.pusher.push.SellerAccounts;
import io.hourledger.pusher.push.SellerAccounts.Shown;
import io.hourledger.standalone.ExitCode;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;

/** {@code ./metering account list}. */
@Command(
        name = "list",
        header = "Lists the seller accounts: what each reports, who pushes for it, and why it is suspended.",
        description = {"", "waiting: records that are not reported yet; at most 20,000 are counted.", ""},
        footer = {"", "Example: ./metering account list --data-dir data"})
final class ListAccountsCommand extends LedgerQuestion {

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        Output.Rows rows = output.rows(
                out(), "account", "since", "reports", "pushed_by", "waiting", "suspended_since", "suspended_because");
        for (Shown account : new SellerAccounts(JdbcClient.create(ledger.dataSource())).all()) {
            rows.add(
                    account.account(),
                    account.since(),
                    account.reporting(),
                    account.pushedBy(),
                    account.waiting(),
                    account.suspendedSince(),
                    account.suspendedBecause());
        }
        rows.end();
        return ExitCode.OK;
    }
}
