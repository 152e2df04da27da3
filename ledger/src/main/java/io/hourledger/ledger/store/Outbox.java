package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordOutcomeUnknown;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordRefused;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReported;
import io.hourledger.contracts.instance.RecordRef;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.RecordToReport;
import io.hourledger.ledger.api.RecordToReport.Collected;
import io.hourledger.ledger.store.EventTable.Append;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The usage records that are to be reported. A row is written in the transaction that issues the record, so no reader, and no transaction that
 * holds readers back, stands between a closed hour and the push. A pusher takes it over in a transaction of its own. The order of the feed
 * does not matter here: every row is taken once, whenever it can be seen.
 */
public final class Outbox {

    private static final String ADD =
            """
            insert into ledger.outbox (metering_sn, instance_id, hour, begin_at, end_at, amount, record_time,
                package_instance_id, billing_cycle, collected_with, account)
            select sn, instance, hour::timestamptz, begin::timestamptz, "end"::timestamptz, amount::numeric,
                recorded::timestamptz, package, cycle, nullif(collected, hour)::timestamptz, account
            from unnest(:sns::text[], :instances::text[], :hours::text[], :begins::text[], :ends::text[],
                        :amounts::text[], :recorded::text[], :packages::text[], :cycles::text[], :collected::text[],
                        :accounts::text[])
                as fresh (sn, instance, hour, begin, "end", amount, recorded, package, cycle, collected, account)""";

    private static final String REMOVE = "delete from ledger.outbox where metering_sn = any (:sns)";

    /** What another pusher is taking over is passed over. */
    private static final String NEXT =
            """
            select metering_sn, instance_id, hour, begin_at, end_at, amount, record_time, package_instance_id, billing_cycle,
                coalesce(collected_with, hour) as collected_with
            from ledger.outbox
            where account = :account and (hour, metering_sn) < (:hour::timestamptz, :sn)
            order by hour desc, metering_sn desc
            limit :most
            for update skip locked""";

    /** Text and a time alone, which can be read whatever else is wrong with the row. */
    private static final String NEXT_PLACE =
            """
            select hour, metering_sn, instance_id
            from ledger.outbox
            where account = :account and (hour, metering_sn) < (:hour::timestamptz, :sn)
            order by hour desc, metering_sn desc
            limit 1
            for update skip locked""";

    private static final String AT =
            """
            select metering_sn, instance_id, hour, begin_at, end_at, amount, record_time, package_instance_id, billing_cycle,
                coalesce(collected_with, hour) as collected_with
            from ledger.outbox
            where metering_sn = :sn
            for update skip locked""";

    private static final String LOCK =
            "select metering_sn from ledger.outbox where metering_sn = :sn for update skip locked";

    private final JdbcClient sql;

    /** A record of the outbox, and where it stands there: what is known of it even if the rest cannot be read. */
    public record Place(Instant hour, String meteringSn, String instanceId) {

        public static Place of(RecordToReport record) {
            return new Place(record.hour().start(), record.meteringSn(), record.instanceId());
        }
    }

    public Outbox(JdbcClient sql) {
        this.sql = sql;
    }

    /** What was just appended, in the same transaction. */
    void follow(List<Append> appends) {
        List<Issued> issued = new ArrayList<>();
        List<String> done = new ArrayList<>();
        for (Append append : appends) {
            for (InstanceEvent event : append.events()) {
                if (event instanceof UsageRecordIssued record) {
                    issued.add(new Issued(
                            record,
                            new Collected(
                                    collectedWith(record, append.events()),
                                    append.after()
                                            .life()
                                            .products()
                                            .at(record.window().begin())
                                            .billingCycle()),
                            append.after().origin().order().account()));
                }
                outcomeOf(event).map(RecordRef::meteringSn).ifPresent(done::add);
            }
        }
        add(issued);
        takenOver(done);
    }

    /** The account is a fact of the opening; one that was opened without a marketplace is billed nothing. */
    private record Issued(UsageRecordIssued event, Collected collected, @Nullable String account) {}

    /** What is not of the first metering of its hour could not be sent with that hour, so the marketplace asks for it with the present one. */
    private static UsageHour collectedWith(UsageRecordIssued record, List<? extends InstanceEvent> beside) {
        UsageHour own = new UsageHour(record.record().hour());
        boolean isFirst = record.record().revision() == 0
                && beside.stream()
                        .anyMatch(event -> event instanceof HourMetered metered
                                && metered.revision() == 0
                                && metered.hour().equals(own.start()));
        return isFirst ? own : UsageHour.of(record.recordTime());
    }

    private static Optional<RecordRef> outcomeOf(InstanceEvent event) {
        if (event instanceof UsageRecordReported reported) {
            return Optional.of(reported.record());
        }
        if (event instanceof UsageRecordRefused refused) {
            return Optional.of(refused.record());
        }
        return event instanceof UsageRecordOutcomeUnknown unknown ? Optional.of(unknown.record()) : Optional.empty();
    }

    private void add(List<Issued> records) {
        if (records.isEmpty()) {
            return;
        }
        sql.sql(ADD)
                .param("sns", texts(records, issued -> issued.event.record().meteringSn()))
                .param("instances", texts(records, issued -> issued.event.instanceId()))
                .param(
                        "hours",
                        texts(records, issued -> issued.event.record().hour().toString()))
                .param(
                        "begins",
                        texts(records, issued -> issued.event.window().begin().toString()))
                .param(
                        "ends",
                        texts(records, issued -> issued.event.window().end().toString()))
                .param("amounts", texts(records, issued -> issued.event.amount().toPlainString()))
                .param(
                        "recorded",
                        texts(records, issued -> issued.event.recordTime().toString()))
                .param("packages", packages(records))
                .param(
                        "cycles",
                        texts(records, issued -> issued.collected.cycle().name()))
                .param(
                        "collected",
                        texts(records, issued -> issued.collected.hour().toString()))
                .param(
                        "accounts",
                        records.stream().map(issued -> issued.account).toArray(String[]::new))
                .update();
    }

    private static String[] texts(List<Issued> of, Function<Issued, String> text) {
        return of.stream().map(text).toArray(String[]::new);
    }

    private static Object packages(List<Issued> records) {
        return records.stream().map(issued -> issued.event.packageInstanceId()).toArray(String[]::new);
    }

    /**
     * The records of a seller account's newest hours, newest first, locked until the caller's transaction ends.
     *
     * @param account whose instances they are of
     * @param behind the last one that was taken before, so that no step goes past the rows of all steps before it; null to begin anew
     * @param most at least 1
     */
    public List<RecordToReport> next(String account, @Nullable Place behind, int most) {
        return behind(NEXT, account, behind)
                .param("most", most)
                .query((row, number) -> toReport(row))
                .list();
    }

    /** Which one {@link #next} would begin with; locked until the caller's transaction ends. */
    public Optional<Place> nextPlace(String account, @Nullable Place behind) {
        return behind(NEXT_PLACE, account, behind)
                .query((row, number) ->
                        new Place(instant(row, "hour"), row.getString("metering_sn"), row.getString("instance_id")))
                .optional();
    }

    private JdbcClient.StatementSpec behind(String question, String account, @Nullable Place behind) {
        return sql.sql(question)
                .param("account", account)
                .param("hour", behind == null ? "infinity" : behind.hour().toString())
                .param("sn", behind == null ? "" : behind.meteringSn());
    }

    /** This one and no other, locked; empty if it was taken over meanwhile, or another pusher is about to. */
    public Optional<RecordToReport> at(Place place) {
        return sql.sql(AT)
                .param("sn", place.meteringSn())
                .query((row, number) -> toReport(row))
                .optional();
    }

    /** Locks it as {@link #at} does, though it may be one that cannot be read. */
    public boolean lock(Place place) {
        return sql.sql(LOCK)
                .param("sn", place.meteringSn())
                .query(String.class)
                .optional()
                .isPresent();
    }

    /** They are on a pusher's queue now, or have an outcome. */
    public void takenOver(Collection<String> meteringSns) {
        if (!meteringSns.isEmpty()) {
            sql.sql(REMOVE).param("sns", meteringSns.toArray(String[]::new)).update();
        }
    }

    private static RecordToReport toReport(ResultSet row) throws SQLException {
        return new RecordToReport(
                row.getString("metering_sn"),
                row.getString("instance_id"),
                new UsageHour(instant(row, "hour")),
                new UsageWindow(instant(row, "begin_at"), instant(row, "end_at")),
                row.getBigDecimal("amount"),
                instant(row, "record_time"),
                row.getString("package_instance_id"),
                new Collected(
                        new UsageHour(instant(row, "collected_with")),
                        BillingCycle.valueOf(row.getString("billing_cycle"))));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
