package io.hourledger.standalone.ledger;

import io.hourledger.contracts.gallery.MeteringSn;
import io.hourledger.ledger.statement.RecordTrace;
import io.hourledger.standalone.ExitCode;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ./metering ledger trace}. */
@Command(
        name = "trace",
        description =
                "From a usage record to the hours that made it, and to the offsets of the usage log where their events stand.")
final class TraceCommand extends LedgerQuestion {

    @Parameters(paramLabel = "METERING_SN", description = "the record's serial number")
    private String meteringSn = "";

    @Override
    int answer(LedgerDatabase.Open ledger) {
        Optional<RecordTrace.Traced> found =
                new RecordTrace(ledger.jdbc(), ledger.transactions()).trace(new MeteringSn(meteringSn));
        if (found.isEmpty()) {
            err().println("metering: the ledger has no record " + meteringSn);
            return ExitCode.DIFFERENT;
        }
        RecordTrace.Traced record = found.get();
        err().printf(
                        "%s of buyer %s, meter %s: %s in %s/%s, %s%n",
                        record.instanceId(),
                        record.buyerId(),
                        record.meter(),
                        record.amount().toPlainString(),
                        record.begin(),
                        record.end(),
                        record.state());
        Output.Rows rows = output.rows(
                out(),
                "hour",
                "revision",
                "metered",
                "events",
                "partition",
                "first_offset",
                "last_offset",
                "catalogue_version",
                "gave");
        record.sources()
                .forEach(source -> rows.add(
                        source.hour(),
                        source.revision(),
                        source.amount(),
                        source.eventCount(),
                        source.partition(),
                        source.firstOffset(),
                        source.lastOffset(),
                        source.catalogueVersion(),
                        source.own() ? "its amount" : "what it left over"));
        rows.end();
        return ExitCode.OK;
    }
}
