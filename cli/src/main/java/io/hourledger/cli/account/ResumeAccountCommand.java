package io.hourledger.cli.account;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.pusher.push.SellerAccounts;
import picocli.CommandLine.Command;

/** {@code ./metering account resume}. */
@Command(
        name = "resume",
        header = "Lets a suspended seller account go on.",
        description = {
            "",
            "What waits is sent as it stands. A suspension of all accounts after a restore ends by ./metering ledger reconcile.",
            ""
        },
        footer = {"", "Example: ./metering account resume acme --data-dir data --who li.wei --why \"key is lost\" --yes"
        })
final class ResumeAccountCommand extends AccountChange {

    @Override
    String verb() {
        return "resume";
    }

    @Override
    boolean change(SellerAccounts accounts, DecidedBy by) {
        return accounts.resume(account(), by);
    }

    @Override
    protected String whyNot() {
        return "seller account " + account() + " is not suspended";
    }

    @Override
    protected String done() {
        return "seller account " + account() + " goes on";
    }
}
