package io.hourledger.ledger.statement;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.store.UpcasterChain;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/** What changed between two views of a month: the hours metered, withheld, issued and settled after the one and by the other. */
public final class MonthDiff {

    private static final String CHANGES =
            """
            select instance_id, (p ->> 'hour')::timestamptz as hour, (p ->> 'revision')::int as hour_revision, event_type, at,
                p ->> 'meteringSn' as metering_sn, (p ->> 'amount')::numeric as amount,
                p ->> 'who' as who, coalesce(p ->> 'reason', p ->> 'code', p ->> 'why') as why
            from (select instance_id, sequence_number, event_type, p, %s as at
                  from (select instance_id, sequence_number, event_type, %s as p from ledger.event) present
                  where jsonb_exists(p, 'hour') and %s) e
            where at > ? and at <= ? and (p ->> 'hour')::timestamptz >= ? and (p ->> 'hour')::timestamptz < ?
            order by instance_id, hour, sequence_number
            """;

    private static final String OF_ALL = changes("true");

    private static final String OF_INSTANCE = changes("instance_id = ?");

    private final Reading reading;

    public MonthDiff(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.reading = new Reading(jdbc, transactions);
    }

    /** Something that happened to an hour between the two views. */
    public record Change(
            String instanceId,
            Instant hour,
            int revision,
            Occurrence occurrence,
            @Nullable String meteringSn,
            @Nullable BigDecimal amount) {}

    /**
     * What happened, when, and by whose decision.
     *
     * @param type the event's stable name
     * @param who null if nobody decided it
     * @param why a reason, the marketplace's code, or a person's words
     */
    public record Occurrence(String type, Instant at, @Nullable String who, @Nullable String why) {}

    private static String changes(String whose) {
        return CHANGES.formatted(InstanceTimeline.BUSINESS_TIME, UpcasterChain.presentPayloadSql(), whose);
    }

    /** The same for one instance; reads its events alone. */
    public void changesOf(InstanceId instance, YearMonth month, Instant from, Instant to, Consumer<Change> reader) {
        reading.stream(
                OF_INSTANCE,
                List.of(instance.value(), from, to, start(month), start(month.plusMonths(1))),
                row -> reader.accept(change(row)));
    }

    /**
     * Reads every event of the ledger.
     *
     * @param from business time of the earlier view
     * @param to business time of the later view
     */
    public void changes(YearMonth month, Instant from, Instant to, Consumer<Change> reader) {
        reading.stream(
                OF_ALL, List.of(from, to, start(month), start(month.plusMonths(1))), row -> reader.accept(change(row)));
    }

    private static Change change(ResultSet row) throws SQLException {
        return new Change(
                row.getString("instance_id"),
                Objects.requireNonNull(Reading.moment(row, "hour")),
                row.getInt("hour_revision"),
                new Occurrence(
                        row.getString("event_type"),
                        Objects.requireNonNull(Reading.moment(row, "at")),
                        row.getString("who"),
                        row.getString("why")),
                row.getString("metering_sn"),
                row.getBigDecimal("amount"));
    }

    private static Instant start(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
