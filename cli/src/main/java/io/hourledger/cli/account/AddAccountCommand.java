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
            "Example: ./metering account add acme --data-dir data --who li.wei --why \"sells on the international site\" --yes"
        })
final class AddAccountCommand extends AccountChange {

    @Option(
            names = "--shadow",
            description = "nothing of it is reported until ./metering marketplace go-live says from which hour on")
    private boolean shadow;

    @Override
    void check(String name) {
        if (!SellerAccounts.isName(name)) {
            throw wrong(
                    "NAME has lower-case letters, digits and hyphens, 40 at most, and begins with no hyphen: " + name);
        }
    }

    @Override
    String what() {
        return "add";
    }

    @Override
    boolean change(SellerAccounts accounts, String name, DecidedBy by) {
        return accounts.add(name, shadow ? Beginning.IN_SHADOW : Beginning.REPORTS, by);
    }

    @Override
    String whyNot(String name) {
        return "there is a seller account " + name + " already";
    }

    @Override
    String done(String name) {
        return "seller account " + name + " is added; name it in hourledger.pusher.accounts and restart the pusher";
    }
}
