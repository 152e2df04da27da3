package io.hourledger.cli.account;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.pusher.push.SellerAccounts;
import picocli.CommandLine.Command;

/** {@code ./metering account suspend}. */
@Command(
        name = "suspend",
        header = "Stops sending of one seller account; the others go on.",
        description = {
            "",
            "Its records wait on the queue and none is lost or sent twice. A call that is under way is settled first.",
            "Usage is counted and hours close as before. Callbacks are answered. An alarm tells that it is suspended.",
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
        footer = {
            "",
            "Example: ./metering account suspend acme --data-dir data --who li.wei --why \"key is lost\" --yes"
        })
final class SuspendAccountCommand extends AccountChange {

    @Override
    String what() {
        return "suspend";
    }

    @Override
    boolean change(SellerAccounts accounts, String name, DecidedBy by) {
        return accounts.suspend(name, by);
    }

    @Override
    String whyNot(String name) {
        return "there is no seller account " + name + ", or it is suspended already";
    }

    @Override
    String done(String name) {
        return "nothing of seller account " + name + " is sent until ./metering account resume";
    }
}
