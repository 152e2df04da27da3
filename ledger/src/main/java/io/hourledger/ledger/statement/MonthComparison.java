package io.hourledger.ledger.statement;

import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.store.EventsOfHours;
import io.hourledger.ledger.store.UpcasterChain;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Compares the rows that a month's statement is made of with the events that name its hours: what was metered, what was issued as records, and what
 * was withheld and neither billed nor recounted as due, for each revision of each hour. Which state a record is in is not compared.
 */
public final class MonthComparison {

    /** Only events that the projections have shown. An amount is compared where it stands, so no two errors can make up for each other. */
    private static final String REVISIONS =
            """
            with named as materialized (
                select instance_id, event_type, revision, payload, transaction_id, position
                from ledger.event
                where %1$s%3$s
            ),
            said as (
                select instance_id, (p ->> 'hour')::timestamptz as hour, (p ->> 'revision')::int as revision,
                    sum((p ->> 'amount')::numeric) filter (where event_type = 'hour-metered') as metered,
                    sum((p ->> 'amount')::numeric) filter (where event_type = 'usage-record-issued') as issued,
                    sum(case event_type
                        when 'usage-withheld' then (p ->> 'amount')::numeric
                        when 'hour-recounted' then - (p ->> 'billable')::numeric
                        when 'withheld-usage-billed' then - (p ->> 'amount')::numeric
                    end) as held
                from (select named.*, %2$s as p from named) e
                where (transaction_id, position)
                    <= (select transaction_id, position from ledger.reader where name = ?)
                group by 1, 2, 3
            ),
            hours as (
                select instance_id, hour, revision, amount, withheld + withheld_written_off as held
                from ledger.metered_hour
                where hour >= ? and hour < ?%3$s
            ),
            records as (
                select instance_id, hour, revision, sum(amount) as amount
                from ledger.usage_record
                where hour >= ? and hour < ?%3$s
                group by 1, 2, 3
            ),
            revisions as (
                select instance_id, hour, revision,
                    coalesce(s.metered, 0) as metered_by_events, coalesce(h.amount, 0) as metered_by_rows,
                    coalesce(s.issued, 0) as issued_by_events, coalesce(r.amount, 0) as issued_by_rows,
                    coalesce(s.held, 0) as held_by_events, coalesce(h.held, 0) as held_by_rows
                from said s
                full join hours h using (instance_id, hour, revision)
                full join records r using (instance_id, hour, revision)
            )
            select *
            from revisions
            order by instance_id, hour, revision
            """;

    private final Reading reading;

    public MonthComparison(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.reading = new Reading(jdbc, transactions);
    }

    /**
     * An amount of which rows and events say different things.
     *
     * @param what it is: metered, issued or withheld
     */
    public record Difference(
            String instanceId, Instant hour, int revision, String what, BigDecimal byEvents, BigDecimal byRows) {

        /** For a person. */
        public String about() {
            return "instance " + instanceId + ", hour " + hour + (revision == 0 ? "" : ", revision " + revision);
        }

        /** For a person. */
        public String detail() {
            return what + " is " + text(byEvents) + " by the events and " + text(byRows) + " in the tables";
        }

        private static String text(BigDecimal amount) {
            return amount.stripTrailingZeros().toPlainString();
        }
    }

    /**
     * @param scope with a month
     * @return how many revisions of hours were compared
     */
    public long differences(Statement.Scope scope, Consumer<Difference> reader) {
        YearMonth month = Objects.requireNonNull(scope.month());
        String first = EventsOfHours.firstOf(month);
        String behind = EventsOfHours.firstOf(month.plusMonths(1));
        StringBuilder whose = new StringBuilder();
        List<Object> who = new ArrayList<>();
        if (scope.instanceId() != null) {
            whose.append(" and instance_id = ?");
            who.add(scope.instanceId());
        }
        if (scope.buyerId() != null) {
            whose.append(" and instance_id in (select instance_id from ledger.instance where buyer_id = ?)");
            who.add(scope.buyerId());
        }
        if (scope.account() != null) {
            whose.append(" and instance_id in (select instance_id from ledger.instance where account = ?)");
            who.add(scope.account());
        }
        List<Object> parameters = new ArrayList<>(List.of(first, behind));
        parameters.addAll(who);
        parameters.add(LedgerProjections.READER);
        for (int table = 0; table < 2; table++) {
            parameters.add(Instant.parse(first));
            parameters.add(Instant.parse(behind));
            parameters.addAll(who);
        }
        long[] compared = {0};
        reading.streamPart(
                REVISIONS.formatted(EventsOfHours.SQL, UpcasterChain.presentPayloadSql(), whose), parameters, row -> {
                    compared[0]++;
                    compare(row, "metered", reader);
                    compare(row, "issued", reader);
                    compare(row, "held", reader);
                });
        return compared[0];
    }

    private static void compare(ResultSet row, String column, Consumer<Difference> reader) throws SQLException {
        BigDecimal byEvents = row.getBigDecimal(column + "_by_events");
        BigDecimal byRows = row.getBigDecimal(column + "_by_rows");
        if (byEvents.compareTo(byRows) != 0) {
            reader.accept(new Difference(
                    row.getString("instance_id"),
                    Objects.requireNonNull(Reading.moment(row, "hour")),
                    row.getInt("revision"),
                    column.equals("held") ? "withheld" : column,
                    byEvents,
                    byRows));
        }
    }
}
