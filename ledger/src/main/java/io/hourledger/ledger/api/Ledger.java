package io.hourledger.ledger.api;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.ledger.instance.Decision;
import java.util.List;

/**
 * Takes commands for instances. Each command is decided by its own instance's aggregate alone; an answer is a value, never an exception.
 *
 * <p>Two writers of one instance meet as optimistic concurrency: the loser decides again on the newer state, a bounded number of times.
 */
public interface Ledger {

    /**
     * Decides one command and keeps its events.
     *
     * @throws LedgerUnavailableException if the events could not be kept: nothing has happened, the same command may be sent again
     * @throws RuntimeException what PostgreSQL or the code says, if it is a {@link DatabaseFailure#DATA_OR_BUG}: nothing has happened
     */
    default Decision handle(InstanceCommand command) {
        return handleAll(List.of(command)).get(0);
    }

    /**
     * Decides many commands and keeps all their events in one transaction; joins the caller's transaction if there is one. Several commands
     * for one instance are decided in the order given. A command that is refused takes nothing from the others.
     *
     * @return one decision for each command, in their order
     * @throws LedgerUnavailableException if the events could not be kept: nothing has happened, the same commands may be sent again
     * @throws RuntimeException what PostgreSQL or the code says, if it is a {@link DatabaseFailure#DATA_OR_BUG}: nothing has happened
     */
    List<Decision> handleAll(List<? extends InstanceCommand> commands);
}
