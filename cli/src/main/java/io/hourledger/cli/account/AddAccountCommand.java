package io.hourledger.cli.account;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.pusher.push.SellerAccount.Beginning;
import io.hourledger.pusher.push.SellerAccounts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering account add}. */
@Command(
        name = "add",
        header = "Lets the settings name a further seller account.",
        description = {
            "",
            "A pusher starts only if its settings name the accounts of the database, and no other.",
            "Its key, address and rate stand in hourledger.pusher.accounts: set them next, and restart the pusher.",
            ""
        },
        footer = {
            "",
            "Example: ./metering account add acme --data-dir data --who li.wei --why \"sells on the international site\" --yes"
        })
final class AddAccountCommand extends AccountChange {

    @Option(
            names = "--shadow",
            description = "nothing of it is reported until ./metering marketplace go-live says from which hour on")
    private boolean shadow;

    @Override
    protected void check() {
        if (!SellerAccounts.isName(account())) {
            throw wrong("NAME has lower-case letters, digits and hyphens, 40 at most, and begins with no hyphen: "
                    + account());
        }
    }

    @Override
    String verb() {
        return "add";
    }

    @Override
    boolean change(SellerAccounts accounts, DecidedBy by) {
        return accounts.add(account(), shadow ? Beginning.IN_SHADOW : Beginning.REPORTS, by);
    }

    @Override
    protected String whyNot() {
        return "there is a seller account " + account() + " already";
    }

    @Override
    protected String done() {
        return "seller account " + account()
                + " is added; name it in hourledger.pusher.accounts and restart the pusher";
    }
}
