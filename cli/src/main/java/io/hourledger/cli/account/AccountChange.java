package io.hourledger.cli.account;

import io.hourledger.cli.ledger.DecidedChange;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.pusher.push.SellerAccounts;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Parameters;

/** What a person decides of a seller account. */
abstract class AccountChange extends DecidedChange {

    @Parameters(paramLabel = "NAME", description = "the seller account")
    private String account = "";

    final String account() {
        return account;
    }

    /** The infinitive. */
    abstract String verb();

    @Override
    protected final String what() {
        return verb() + " seller account " + account;
    }

    @Override
    protected final boolean change(LedgerDatabase.Open ledger, DecidedBy by) {
        return change(new SellerAccounts(JdbcClient.create(ledger.dataSource())), by);
    }

    /** False if there is nothing to change. */
    abstract boolean change(SellerAccounts accounts, DecidedBy by);
}
