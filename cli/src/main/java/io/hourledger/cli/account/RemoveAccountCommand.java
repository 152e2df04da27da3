package io.hourledger.cli.account;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.pusher.push.SellerAccounts;
import picocli.CommandLine.Command;

/** {@code ./metering account remove}. */
@Command(
        name = "remove",
        header = "Takes a seller account away that nothing was ever opened for.",
        description = {
            "",
            "For a name that was mistyped, or a site that never came. Take it out of the settings first.",
            "An account with an instance or a record stays for good: suspend it, and keep its name in the settings.",
            ""
        },
        footer = {"", "Example: ./metering account remove inlt --data-dir data --who li.wei --why \"mistyped\" --yes"})
final class RemoveAccountCommand extends AccountChange {

    @Override
    String verb() {
        return "remove";
    }

    @Override
    boolean change(SellerAccounts accounts, DecidedBy by) {
        return accounts.remove(account(), by);
    }

    @Override
    protected String whyNot() {
        return "there is no seller account " + account()
                + ", or it is the first, or it has an instance or a record, or a pusher has its lease";
    }

    @Override
    protected String done() {
        return "seller account " + account() + " is removed";
    }
}
