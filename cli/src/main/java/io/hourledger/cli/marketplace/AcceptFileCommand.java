package io.hourledger.cli.marketplace;

import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Person;
import io.hourledger.pusher.files.ImportedFiles;
import io.hourledger.standalone.ExitCode;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
final class AcceptFileCommand extends LedgerQuestion {

    @Parameters(paramLabel = "SHA256", description = "of the file, as ./metering marketplace files shows it")
    private String digest = "";

    @Mixin
    private Person person = new Person();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        var by = person.decidedBy();
        if (!person.means()) {
            err().println("nothing has happened yet: give --yes to accept what differs in " + digest);
            return ExitCode.NOT_ALL;
        }
        if (new ImportedFiles(JdbcClient.create(ledger.dataSource())).accept(digest, by, Person.now(ledger))) {
            err().println("accepted");
            return ExitCode.OK;
        }
        err().println(
                        "metering: no imported file with this digest has anything open; ./metering marketplace files shows all");
        return ExitCode.DIFFERENT;
    }
}
