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
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is done",
            "1:there was nothing to change, and a sentence says why",
            "2:the command line is wrong",
            "3:it could not run",
            "4:it was only shown; give --yes"
        },
        footer = {"", "Example: ./metering account resume acme --data-dir data --who li.wei --why \"key is lost\" --yes"
        })
final class ResumeAccountCommand extends AccountChange {

    @Override
    String what() {
        return "resume";
    }

    @Override
    boolean change(SellerAccounts accounts, String name, DecidedBy by) {
        return accounts.resume(name, by);
    }

    @Override
    String whyNot(String name) {
        return "seller account " + name + " is not suspended";
    }

    @Override
    String done(String name) {
        return "seller account " + name + " goes on";
    }
}
