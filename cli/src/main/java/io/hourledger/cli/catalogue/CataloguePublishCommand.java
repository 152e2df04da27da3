package io.hourledger.cli.catalogue;

import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Person;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.time.BusinessTime;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.standalone.ExitCode;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./metering catalogue publish}. */
@Command(
        name = "publish",
        header = "Lets a new version of the catalogue rule the hours from a given one on.",
        description = {
            "",
            "Hours before it are counted, closed and recounted by the versions that rule them, whenever that is done. So a"
                    + " meter may change or leave at any time. A version is added and never changed or taken back.",
            "",
            "The first hour is the next but one, or a later one, and begins in 75 minutes or later: events may be ahead of"
                    + " their hour. Aggregators that run load the version by themselves within seconds.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was published",
            "1:it must not be published like that; it says why",
            "2:the command line is wrong",
            "3:it could not run",
            "4:it was only shown; give --yes"
        },
        footer = {
            "",
            "Example: ./metering catalogue publish new.json --from 2026-12-01T00:00:00Z --data-dir data --who li.wei \\",
            "            --why \"prices of December\" --yes",
            "Before: ./metering catalogue check new.json, then ./metering catalogue diff config/catalogue.json new.json"
        })
final class CataloguePublishCommand extends LedgerQuestion {

    @Parameters(paramLabel = "FILE", description = "the new version")
    private @Nullable Path file;

    @Option(
            names = "--from",
            paramLabel = "HOUR",
            required = true,
            description = "the first hour that it rules, such as 2026-12-01T00:00:00Z")
    private String from = "";

    @Mixin
    private Person person = new Person();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        DecidedBy by = person.decidedBy();
        UsageHour hour = hour();
        Catalogue next =
                switch (CatalogueReading.of(Objects.requireNonNull(file))) {
                    case CatalogueReading.Invalid(String sentence) -> throw wrong(file + ": " + sentence);
                    case CatalogueReading.Valid(Catalogue catalogue) -> catalogue;
                };
        PostgresCatalogue catalogue = new PostgresCatalogue(ledger.dataSource());
        BusinessTime time = machineTime -> Person.now(ledger, machineTime);
        List<String> refused =
                person.means() ? catalogue.publish(next, hour, by, time) : catalogue.whyNotPublished(next, hour, time);
        if (!refused.isEmpty()) {
            refused.forEach(sentence -> err().println("refused: " + sentence));
            return ExitCode.DIFFERENT;
        }
        if (!person.means()) {
            err().println("nothing has happened yet: version " + next.version() + " would rule from " + hour
                    + " on; give --yes to publish it");
            return ExitCode.NOT_ALL;
        }
        out().println("version " + next.version() + " rules from " + hour + " on");
        out().flush();
        return ExitCode.OK;
    }

    private UsageHour hour() {
        try {
            return new UsageHour(Instant.parse(from));
        } catch (DateTimeParseException | IllegalArgumentException notAnHour) {
            throw wrong("--from is the start of an hour in UTC, such as 2026-12-01T00:00:00Z, and not " + from);
        }
    }
}
