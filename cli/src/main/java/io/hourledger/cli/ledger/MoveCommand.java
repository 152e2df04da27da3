package io.hourledger.cli.ledger;

import io.hourledger.ledger.store.LogicalCopy;
import io.hourledger.standalone.ExitCode;
import java.util.Objects;
import java.util.Optional;
import org.springframework.dao.DataAccessException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering ledger move}. */
@Command(
        name = "move",
        header = "Makes a ledger at home in the PostgreSQL that a dump or logical replication brought it to.",
        description = {
            "",
            "Events carry transaction ids, and readers follow them. Another server's ids mean nothing here. This gives"
                    + " every event an id that is older than all of this server's, in the order of before, and moves"
                    + " readers and sequences along. What happened, digests and seals stay as they are.",
            "Stop all services of the installation first, also those on the old server, and copy the whole database.",
            "Without --yes it only says what it found.",
            ""
        },
        footer = {"", "Example: ./metering ledger move --database-url jdbc:postgresql://db.example.org/hourledger --yes"
        })
final class MoveCommand extends LedgerQuestion {

    @Option(names = "--yes", description = "do it")
    private boolean yes;

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected boolean worksOnALogicalCopy() {
        return true;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        Optional<String> found = LogicalCopy.found(ledger.jdbc());
        if (!yes) {
            err().println(found.orElse("the ledger's transaction ids are this PostgreSQL's own"));
            long events = Objects.requireNonNull(
                    ledger.jdbc().queryForObject("select count(*) from ledger.event", Long.class));
            err().printf("nothing has happened yet: %,d events would be renumbered; give --yes to do so%n", events);
            return ExitCode.NOT_ALL;
        }
        try {
            long events = new LogicalCopy(ledger.jdbc(), ledger.transactions()).rebase();
            err().printf("%,d events renumbered; the services can be started%n", events);
            return ExitCode.OK;
        } catch (DataAccessException inUse) {
            throw new IllegalStateException(
                    "the ledger was not moved, nothing has changed: "
                            + inUse.getMostSpecificCause().getMessage() + ". Do all services stand still?",
                    inUse);
        }
    }
}
