package io.hourledger.cli.event;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.ReadUsage.Amends;
import io.hourledger.contracts.usage.ReadUsage.Countable;
import io.hourledger.contracts.usage.ReadUsage.FilteredOut;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import io.hourledger.contracts.usage.UsageAmendmentWriter;
import io.hourledger.contracts.usage.UsageEvent;
import io.hourledger.contracts.usage.UsageEventReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering event amend}. */
@Command(
        name = "amend",
        header = "Replaces the data of a usage event.",
        description = {
            "",
            "The file holds the whole event as it should have been, with the source, id, subject and time that it was sent"
                    + " with. Before its hour ends the hour changes, after that its next revision does. The last amendment"
                    + " of an event holds. Another time or subject is a void and a new event.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the amendment is in the usage log",
            "1:the hour of the event accepts no more usage",
            "2:the command line or the event is wrong",
            "3:it could not run; the amendment may be in the log then: give it again",
            "4:it was only shown; give --yes"
        },
        footer = {
            "",
            "Example: ./metering event amend --event e-1.json --data-dir data --who li.wei --why \"bytes, not kilobytes\" --yes",
            "Next: ./metering event show"
        })
final class EventAmendCommand extends EventCorrection {

    @Option(names = "--event", paramLabel = "FILE", required = true, description = "the event as it should have been")
    private Path event = Path.of("");

    @Override
    byte[] correction(String id, DecidedBy by, CatalogueVersions catalogues) {
        byte[] bytes = bytes();
        UsageEvent meant =
                switch (new UsageEventReader(catalogues).read(bytes, 0, bytes.length)) {
                    case Countable(UsageEvent counts) -> counts;
                    case FilteredOut(UsageEvent out, String _) -> out;
                    case Malformed malformed -> throw wrong(event + " is no usage event: " + malformed.detail());
                    case Amends _ -> throw wrong(event + " corrects another event; give the event itself");
                };
        return new UsageAmendmentWriter(meant.source(), meant.subject(), meant.time(), by.who(), by.why())
                .amend(id, bytes);
    }

    private byte[] bytes() {
        try {
            return Files.readAllBytes(event);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the event " + event + " cannot be read", unreadable);
        }
    }
}
