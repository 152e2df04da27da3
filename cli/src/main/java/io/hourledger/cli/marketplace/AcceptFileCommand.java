package io.hourledger.cli.marketplace;

import io.hourledger.cli.ledger.DecidedChange;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.Person;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.pusher.files.ImportedFiles;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ./metering marketplace accept}. */
@Command(
        name = "accept",
        header = "What differs in an imported file stays as it is: it was looked at, and is no alarm any more.",
        description = {"", "Nothing changes in the ledger.", ""},
        footer = {
            "",
            "Example: ./metering marketplace accept 5891b5b5… --data-dir data --who li.wei --why \"settled by mail\" --yes"
        })
final class AcceptFileCommand extends DecidedChange {

    @Parameters(paramLabel = "SHA256", description = "of the file, as ./metering marketplace files shows it")
    private String digest = "";

    @Override
    protected String what() {
        return "accept what differs in " + digest;
    }

    @Override
    protected boolean change(LedgerDatabase.Open ledger, DecidedBy by) {
        return new ImportedFiles(JdbcClient.create(ledger.dataSource())).accept(digest, by, Person.now(ledger));
    }

    @Override
    protected String whyNot() {
        return "no imported file with this digest has anything open; ./metering marketplace files shows all";
    }

    @Override
    protected String done() {
        return "accepted";
    }
}
