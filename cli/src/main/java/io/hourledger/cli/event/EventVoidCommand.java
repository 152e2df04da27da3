package io.hourledger.cli.event;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageAmendmentWriter;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering event void}. */
@Command(
        name = "void",
        header = "Takes a usage event back, as if it had never been sent.",
        description = {
            "",
            "Before its hour ends the hour changes, after that its next revision does, as a credit. A voided event can be"
                    + " amended again.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the void is in the usage log",
            "1:the hour of the event accepts no more usage",
            "2:the command line is wrong",
            "3:it could not run; the void may be in the log then: give it again",
            "4:it was only shown; give --yes"
        },
        footer = {
            "",
            "Example: ./metering event void --subject i-1 --source /app --id e-1 --type web.egress --time"
                    + " 2026-11-30T10:00:01Z --data-dir data --who li.wei --why \"a load test\" --yes",
            "Next: ./metering event show"
        })
final class EventVoidCommand extends EventCorrection {

    @Mixin
    private EventNameOptions name = new EventNameOptions();

    @Option(names = "--type", paramLabel = "TYPE", required = true, description = "its CloudEvents type")
    private String type = "";

    @Override
    byte[] correction(String id, DecidedBy by, CatalogueVersions catalogues) {
        Instant time = name.time();
        return new UsageAmendmentWriter(name.source(), name.subject(), time, by.who(), by.why())
                .withdraw(id, name.id(), type);
    }
}
