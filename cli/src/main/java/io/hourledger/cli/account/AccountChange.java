package io.hourledger.cli.account;

import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Person;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.pusher.push.SellerAccounts;
import io.hourledger.standalone.ExitCode;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What a person decides of a seller account. It is shown first, and done with {@code --yes}. */
abstract class AccountChange extends LedgerQuestion {

    @Parameters(paramLabel = "NAME", description = "the seller account")
    private String account = "";

    @Mixin
    private Person person = new Person();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        DecidedBy by = person.decidedBy();
        check(account);
        if (!person.means()) {
            err().println("nothing has happened yet: give --yes to " + what() + " seller account " + account);
            return ExitCode.NOT_ALL;
        }
        if (!change(new SellerAccounts(JdbcClient.create(ledger.dataSource())), account, by)) {
            err().println("metering: " + whyNot(account));
            return ExitCode.DIFFERENT;
        }
        err().println(done(account));
        return ExitCode.OK;
    }

    /** Refuses a name that is none. */
    void check(String name) {}

    abstract String what();

    /** False if there is nothing to change. */
    abstract boolean change(SellerAccounts accounts, String name, DecidedBy by);

    abstract String whyNot(String name);

    abstract String done(String name);
}
