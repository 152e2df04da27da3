package io.hourledger.cli.ledger;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDuplicateListed;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.Decision.AlreadyDone;
import io.hourledger.ledger.instance.Decision.Done;
import io.hourledger.ledger.instance.Decision.Refused;
import io.hourledger.ledger.instance.Decision.UnknownInstance;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.standalone.ExitCode;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Mixin;

/** A person's decision: shown first, done with {@code --yes}. */
abstract class PersonsDecision extends LedgerQuestion {

    @Mixin
    private Person person = new Person();

    @Mixin
    private CliServiceSettings settings = new CliServiceSettings();

    /** What the decision is about does not exist. */
    static final class NothingThereException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NothingThereException(String sentence) {
            super(sentence);
        }
    }

    /**
     * @throws NothingThereException with a sentence for a person
     */
    abstract InstanceCommand command(LedgerDatabase.Open ledger, DecidedBy by, Instant at);

    /** What belongs to the decision beside the ledger. */
    DecidingLedger.Beside beside(LedgerDatabase.Open ledger) {
        return DecidingLedger.Beside.NOTHING;
    }

    @Override
    protected final int answer(LedgerDatabase.Open ledger) {
        InstanceCommand command;
        try {
            command = command(ledger, person.decidedBy(), Person.now(ledger));
        } catch (NothingThereException nothing) {
            err().println("metering: " + nothing.getMessage());
            return ExitCode.DIFFERENT;
        }
        try (DecidingLedger deciding = DecidingLedger.open(ledger, settings)) {
            Decision decision = decide(deciding, command, beside(ledger));
            int exit = told(decision);
            if (person.means() && !decision.events().isEmpty()) {
                show(ledger);
            }
            return exit;
        }
    }

    private Decision decide(DecidingLedger deciding, InstanceCommand command, DecidingLedger.Beside beside) {
        if (!person.means()) {
            return deciding.tryOut(command, beside);
        }
        return beside == DecidingLedger.Beside.NOTHING ? deciding.decide(command) : deciding.decide(command, beside);
    }

    /** The decision stands whether its tables can be brought up to date or not. */
    private void show(LedgerDatabase.Open ledger) {
        try {
            UpToDate.bring(ledger, err());
        } catch (IllegalStateException notShown) {
            err().println("metering: " + notShown.getMessage());
        }
    }

    private int told(Decision decision) {
        return switch (decision) {
            case Done(List<InstanceEvent> events) -> {
                show(events);
                if (events.stream().anyMatch(UsageRecordDuplicateListed.class::isInstance)) {
                    err().println("a duplicate is a second copy: the first stands and is billed; no amount moves");
                }
                err().println(
                                person.means()
                                        ? "decided"
                                        : "nothing has happened yet: this would; give --yes to decide so");
                yield person.means() ? ExitCode.OK : ExitCode.NOT_ALL;
            }
            case AlreadyDone _ -> {
                err().println("it was decided before in just this way; nothing was added");
                yield ExitCode.OK;
            }
            case Refused(String rule, String detail) -> {
                err().println("refused (" + rule + "): " + detail);
                yield ExitCode.DIFFERENT;
            }
            case UnknownInstance _ -> {
                err().println("metering: the ledger has no such instance");
                yield ExitCode.DIFFERENT;
            }
        };
    }

    private void show(List<InstanceEvent> events) {
        Output.Rows rows = output.rows(out(), "event", "content");
        EventJson json = new EventJson();
        for (InstanceEvent event : events) {
            EventJson.Written written = json.write(event);
            rows.add(written.type(), written.payload());
        }
        rows.end();
    }
}
