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
        footer = {
            "",
            "Example: ./metering account suspend acme --data-dir data --who li.wei --why \"key is lost\" --yes"
        })
final class SuspendAccountCommand extends AccountChange {

    @Override
    String verb() {
        return "suspend";
    }

    @Override
    boolean change(SellerAccounts accounts, DecidedBy by) {
        return accounts.suspend(account(), by);
    }

    @Override
    protected String whyNot() {
        return "there is no seller account " + account() + ", or it is suspended already";
    }

    @Override
    protected String done() {
        return "nothing of seller account " + account() + " is sent until ./metering account resume";
    }
}
