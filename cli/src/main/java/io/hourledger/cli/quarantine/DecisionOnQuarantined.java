package io.hourledger.cli.quarantine;

import io.hourledger.aggregator.postgres.PostgresQuarantine;
import io.hourledger.aggregator.quarantine.LogPlace;
import io.hourledger.aggregator.quarantine.QuarantineEntry;
import io.hourledger.aggregator.quarantine.QuarantineFilter;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Person;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A decision about events in quarantine, which are named one by one or by a filter. */
abstract class DecisionOnQuarantined extends LedgerQuestion {

    private static final int MOST = 10_000;

    @Parameters(paramLabel = "PARTITION/OFFSET", arity = "0..*", description = "where they lie in the usage log")
    private List<String> records = new ArrayList<>();

    @Mixin
    private FilterOptions filter = new FilterOptions();

    @Mixin
    final Person person = new Person();

    private int missing;

    @Override
    protected final boolean needsTables() {
        return false;
    }

    /** The events that are meant; a filter means open ones only. */
    final List<QuarantineEntry> meant(LedgerDatabase.Open ledger) {
        QuarantineFilter open = filter.open();
        if (records.isEmpty() != open.isNarrow()) {
            throw wrong("name events by PARTITION/OFFSET, or by a filter such as --reason, and not by both");
        }
        PostgresQuarantine quarantine = new PostgresQuarantine(ledger.dataSource());
        List<QuarantineEntry> meant = new ArrayList<>();
        for (String record : records) {
            LogPlace place = LogPlace.of(record)
                    .orElseThrow(() -> wrong("a record is named by PARTITION/OFFSET, and not by " + record));
            Optional<QuarantineEntry> entry = quarantine.of(place);
            entry.ifPresentOrElse(meant::add, () -> {
                missing++;
                err().println("metering: " + place + " is not in quarantine");
            });
        }
        if (records.isEmpty()) {
            quarantine.read(open, null, entry -> meant.add(entry) && meant.size() < MOST);
            if (meant.size() == MOST) {
                err().println("the first " + MOST + " of them; say it again for the others");
            }
        }
        return meant;
    }

    /** Whether one that was named is not in quarantine; asked after {@link #meant}. */
    final boolean isAnyMissing() {
        return missing > 0;
    }

    final boolean isOne() {
        return records.size() == 1;
    }
}
