package io.hourledger.standalone.demo;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.Account;
import io.hourledger.ledger.instance.Totals;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the demo reads of the ledger: sums from the states that are kept with the events, records from the projection. */
final class DemoLedgerReader {

    private static final int INSTANCES_AT_ONCE = 1_000;

    private static final String RECORDS =
            """
            select instance_id, metering_sn, begin_at, end_at, amount, carried, state, reported_at
              from ledger.usage_record""";

    private static final String STATUS =
            """
            select count(*) filter (where event_type = 'usage-record-issued') as issued,
                   count(*) filter (where event_type = 'usage-record-reported') as reported,
                   count(*) filter (where event_type in ('usage-record-refused', 'usage-record-outcome-unknown')) as troubled,
                   (select count(*) from ledger.usage_record where state <> 'in-flight') as shown
              from ledger.event
             where event_type like 'usage-record-%'""";

    private static final String REPORTED = "select count(*) from ledger.usage_record where state = 'reported'";

    private final LedgerQueries queries;
    private final JdbcClient database;

    DemoLedgerReader(LedgerQueries queries, DataSource database) {
        this.queries = queries;
        this.database = JdbcClient.create(database);
    }

    /**
     * Where the records stand, by the ledger's events.
     *
     * @param troubled refused by the gallery, or in doubt: a person must look
     * @param shown settled records in the projection, which may be a moment behind
     */
    record Status(long issued, long reported, long troubled, long shown) {

        long inFlight() {
            return issued - reported - troubled;
        }

        /** Whether each record has its answer from the marketplace, or waits for a person. */
        boolean answered() {
            return inFlight() == 0;
        }

        boolean settled() {
            return answered() && shown == issued;
        }
    }

    Status status() {
        return database.sql(STATUS)
                .query((row, number) -> new Status(
                        row.getLong("issued"), row.getLong("reported"), row.getLong("troubled"), row.getLong("shown")))
                .single();
    }

    /** How many records are reported; for a progress bar, a moment behind. */
    long reported() {
        return database.sql(REPORTED).query(Long.class).single();
    }

    /** Every record, by its serial number. */
    Map<String, LedgerRecord> records() {
        Map<String, LedgerRecord> records = new HashMap<>();
        database.sql(RECORDS)
                .query((row, number) -> new LedgerRecord(
                        row.getString("instance_id"),
                        row.getString("metering_sn"),
                        instant(row.getObject("begin_at", OffsetDateTime.class)),
                        instant(row.getObject("end_at", OffsetDateTime.class)),
                        row.getBigDecimal("amount"),
                        row.getBigDecimal("carried"),
                        row.getString("state"),
                        instantOrNull(row.getObject("reported_at", OffsetDateTime.class))))
                .list()
                .forEach(record -> records.put(record.meteringSn(), record));
        return records;
    }

    /** The sums of these instances. */
    Map<String, LedgerInstance> instances(Collection<String> instanceIds) {
        Map<String, LedgerInstance> inLedger = new HashMap<>();
        List<InstanceId> ids = instanceIds.stream().map(InstanceId::new).toList();
        for (int from = 0; from < ids.size(); from += INSTANCES_AT_ONCE) {
            List<InstanceId> some = new ArrayList<>(ids.subList(from, Math.min(ids.size(), from + INSTANCES_AT_ONCE)));
            queries.instances(some).forEach((id, view) -> inLedger.put(id.value(), inLedger(view)));
        }
        return inLedger;
    }

    private static LedgerInstance inLedger(InstanceView view) {
        Totals totals = view.totals();
        BigDecimal elsewhere = totals.accounts().entrySet().stream()
                .filter(account -> account.getKey() != Account.REPORTED && account.getKey() != Account.CARRIED)
                .map(account -> account.getValue().abs())
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        return new LedgerInstance(
                view.instanceId().value(),
                totals.metered().add(totals.credits()),
                totals.in(Account.REPORTED),
                totals.in(Account.CARRIED),
                elsewhere);
    }

    private static Instant instant(OffsetDateTime time) {
        return time.toInstant();
    }

    private static @Nullable Instant instantOrNull(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }
}
