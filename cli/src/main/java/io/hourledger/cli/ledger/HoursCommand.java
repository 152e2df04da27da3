package io.hourledger.cli.ledger;

import io.hourledger.aggregator.hour.HourValue;
import io.hourledger.aggregator.hour.TimedValuesJson;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.standalone.ExitCode;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ./metering ledger hours}. */
@Command(
        name = "hours",
        header = "What an instance has used, hour by hour, the open hour too.",
        description = {
            "",
            "One row for each hour with usage (UTC), and one for each later revision that holds what came too late for"
                    + " the hour, as the aggregator has counted it up to its last checkpoint, a second or so ago. An open"
                    + " hour is provisional: it grows until it is closed, shortly after its end. Bills are made of closed"
                    + " hours alone; see ./metering ledger statement.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:there is usage, and it was shown",
            "1:there is none",
            "2:the command line is wrong",
            "3:it could not run"
        },
        footer = {"", "Example: ./metering ledger hours INSTANCE --data-dir data"})
final class HoursCommand extends LedgerQuestion {

    private static final String HOURS =
            """
            select hour, revision, meter, raw_total, timed_values, last_event_at, events,
                   case when state = 'counted'
                        then case when exists (select 1 from aggregator.hour_cutoff cutoff
                                                where cutoff.partition = bucket.partition and cutoff.hour >= coalesce(bucket.ends_with, bucket.hour)
                                                  and cutoff.closed_at is not null)
                                  then 'metered' else 'open' end
                        else state end as status,
                   detail
              from aggregator.bucket
             where instance = ?
             order by hour, meter, revision""";

    @Parameters(paramLabel = "INSTANCE", description = "its id")
    private String instance = "";

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        Optional<CatalogueVersions> versions = new PostgresCatalogue(ledger.dataSource()).find();
        Output.Rows rows =
                output.rows(out(), "hour", "revision", "meter", "amount", "unit", "events", "status", "detail");
        AtomicInteger shown = new AtomicInteger();
        RevisionsInOrder revisions = new RevisionsInOrder();
        ledger.jdbc()
                .query(
                        HOURS,
                        row -> {
                            shown.incrementAndGet();
                            String name = row.getString("meter");
                            Instant hour =
                                    row.getObject("hour", OffsetDateTime.class).toInstant();
                            Optional<Meter> meter = versions.flatMap(
                                    known -> known.of(new UsageHour(hour)).meter(name));
                            Instant lastAt = row.getObject("last_event_at", OffsetDateTime.class)
                                    .toInstant();
                            BigDecimal raw = revisions.next(
                                    hour + name,
                                    new HourValue(
                                            row.getBigDecimal("raw_total"),
                                            lastAt,
                                            TimedValuesJson.read(row.getString("timed_values"))),
                                    meter.map(Meter::aggregation).orElse(Aggregation.SUM));
                            rows.add(
                                    hour,
                                    row.getInt("revision"),
                                    name,
                                    meter.map(known -> known.inUnits(raw))
                                            .orElse(raw)
                                            .stripTrailingZeros(),
                                    meter.map(Meter::unit).orElse("as in its events"),
                                    row.getLong("events"),
                                    row.getString("status"),
                                    row.getString("detail"));
                        },
                        instance);
        rows.end();
        if (shown.get() == 0) {
            err().println("metering: no usage of " + instance
                    + " was counted; a moment ago it may still have been on its way");
            return ExitCode.DIFFERENT;
        }
        return ExitCode.OK;
    }

    /** Says by how much each revision changes its hour, while the revisions of one hour come after each other. */
    private static final class RevisionsInOrder {
        private String bucket = "";
        private @Nullable HourValue hour;

        BigDecimal next(String ofBucket, HourValue revision, Aggregation aggregation) {
            HourValue before = ofBucket.equals(bucket) ? hour : null;
            bucket = ofBucket;
            hour = before == null ? revision : before.and(revision, aggregation);
            return before == null ? revision.raw() : hour.raw().subtract(before.raw());
        }
    }
}
