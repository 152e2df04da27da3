package io.hourledger.ledger.statement;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.ledger.instance.Account;
import io.hourledger.ledger.store.UpcasterChain;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * What was metered and what became of it: hour by hour with the usage records, and the equation of each instance,
 * {@code metered + credits = reported + in flight + unknown + withheld + refused + disputed + written off + carried}.
 */
public final class Statement {

    /**
     * A person's last word on a record or, where there is none, on what was withheld of its hour. Decisions are few, so they are looked up once.
     * The hours of a month are named in each part, so that no part reads what lies before it.
     */
    private static final String HOURS =
            """
            with decided as (
                select distinct on (e.instance_id, p ->> 'hour', p ->> 'revision', p ->> 'meteringSn')
                    e.instance_id, (p ->> 'hour')::timestamptz as hour, (p ->> 'revision')::int as revision,
                    p ->> 'meteringSn' as metering_sn, p ->> 'who' as who, p ->> 'why' as why
                from (select instance_id, sequence_number, %s as p
                      from ledger.event
                      where event_type in ('usage-record-settled', 'usage-record-disputed',
                          'usage-record-duplicate-listed', 'usage-record-reissued', 'usage-record-written-off',
                          'withheld-usage-billed', 'withheld-usage-written-off')
                        and %s) e
                join ledger.instance i using (instance_id)
                where %s
                order by e.instance_id, p ->> 'hour', p ->> 'revision', p ->> 'meteringSn', e.sequence_number desc
            )
            select i.buyer_id, i.meter, h.instance_id, h.hour, h.revision, h.amount as metered, h.withheld,
                h.withheld_non_billable, h.withheld_reason, h.withheld_written_off, r.metering_sn, r.begin_at, r.end_at, r.amount, r.carried,
                r.state, r.reported_at, r.code, r.detail,
                coalesce(of_record.who, of_hour.who) as who, coalesce(of_record.why, of_hour.why) as why
            from ledger.metered_hour h
            join ledger.instance i using (instance_id)
            left join (select * from ledger.usage_record h where %s) r using (instance_id, hour, revision)
            left join decided of_record on of_record.metering_sn = r.metering_sn
            left join decided of_hour on of_hour.metering_sn is null
                and of_hour.instance_id = h.instance_id and of_hour.hour = h.hour and of_hour.revision = h.revision
            where %s
            order by i.buyer_id, i.meter, h.instance_id, h.hour, h.revision, r.begin_at, r.end_at
            """;

    /**
     * The records are summed up by hour first: an hour with several records counts once. What is carried is what remains, since it moves
     * between hours.
     */
    private static final String SUMS =
            """
            select i.buyer_id, i.meter, %1$s as instance_id,
                coalesce(sum(h.amount) filter (where h.amount > 0), 0) as metered,
                coalesce(sum(h.amount) filter (where h.amount < 0), 0) as credits,
                coalesce(sum(r.reported), 0) as reported, coalesce(sum(r.in_flight), 0) as in_flight,
                coalesce(sum(r.unknown), 0) as unknown, sum(h.withheld) as withheld, coalesce(sum(r.refused), 0) as refused,
                coalesce(sum(r.disputed), 0) as disputed,
                coalesce(sum(r.written_off), 0) + sum(h.withheld_written_off) as written_off,
                sum(h.withheld_written_off) as withheld_written_off
            from ledger.metered_hour h
            join ledger.instance i using (instance_id)
            left join (
                select instance_id, hour, revision,
                    sum(amount) filter (where state = 'reported') as reported,
                    sum(amount) filter (where state = 'in-flight') as in_flight,
                    sum(amount) filter (where state = 'unknown') as unknown,
                    sum(amount) filter (where state = 'refused') as refused,
                    sum(amount) filter (where state = 'disputed') as disputed,
                    sum(amount) filter (where state = 'written-off') as written_off
                from ledger.usage_record h
                where %2$s
                group by instance_id, hour, revision
            ) r using (instance_id, hour, revision)
            where %3$s
            group by i.buyer_id, i.meter%4$s
            order by i.buyer_id, i.meter%4$s
            """;

    /**
     * One side comes from the projections, what is carried from the states kept with the events: a wrong projection shows as a difference.
     */
    private static final String EQUATIONS =
            """
            select i.buyer_id, i.meter, i.instance_id, h.metered, h.credits, r.reported, r.in_flight, r.unknown, h.withheld,
                r.refused, r.disputed, r.written_off + h.written_off + i.remainder_written_off as written_off,
                coalesce((s.state -> 'totals' ->> 'carried')::numeric, 0) as carried
            from ledger.instance i
            join ledger.instance_snapshot s using (instance_id)
            cross join lateral (
                select coalesce(sum(amount) filter (where amount > 0), 0) as metered,
                    coalesce(sum(amount) filter (where amount < 0), 0) as credits,
                    coalesce(sum(withheld), 0) as withheld,
                    coalesce(sum(withheld_written_off), 0) as written_off
                from ledger.metered_hour where instance_id = i.instance_id
            ) h
            cross join lateral (
                select coalesce(sum(amount) filter (where state = 'reported'), 0) as reported,
                    coalesce(sum(amount) filter (where state = 'in-flight'), 0) as in_flight,
                    coalesce(sum(amount) filter (where state = 'unknown'), 0) as unknown,
                    coalesce(sum(amount) filter (where state = 'refused'), 0) as refused,
                    coalesce(sum(amount) filter (where state = 'disputed'), 0) as disputed,
                    coalesce(sum(amount) filter (where state = 'written-off'), 0) as written_off
                from ledger.usage_record where instance_id = i.instance_id
            ) r
            where %s
            order by i.buyer_id, i.instance_id
            """;

    /** The accounts as finance reads the equation. */
    public static final List<Account> IN_ORDER = List.of(
            Account.REPORTED,
            Account.IN_FLIGHT,
            Account.UNKNOWN,
            Account.WITHHELD,
            Account.REFUSED,
            Account.DISPUTED,
            Account.WRITTEN_OFF,
            Account.CARRIED);

    private final Reading reading;

    /** Several answers of one moment: what is read inside of {@code questions} is read in one transaction. */
    public <T> T together(Supplier<T> questions) {
        return reading.together(questions);
    }

    public Statement(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.reading = new Reading(jdbc, transactions);
    }

    /** What a statement is about; a part that is null does not limit it. */
    public record Scope(
            @Nullable String instanceId,
            @Nullable String buyerId,
            @Nullable YearMonth month,
            @Nullable String account) {

        /** Everything. */
        public static final Scope ALL = new Scope(null, null, null);

        /** Of all seller accounts. */
        public Scope(@Nullable String instanceId, @Nullable String buyerId, @Nullable YearMonth month) {
            this(instanceId, buyerId, month, null);
        }
    }

    /**
     * A revision of an hour with one of its usage records, if it has any.
     *
     * @param metered what the revision came to; the same in each of its lines
     * @param decidedBy who decided last about the record, or about what was withheld, and why; null if nobody had to
     */
    public record Line(
            BilledInstance instance,
            Instant hour,
            int revision,
            BigDecimal metered,
            Withheld withheld,
            @Nullable StatedRecord record,
            @Nullable DecidedBy decidedBy) {}

    /**
     * What of a revision was not billed.
     *
     * @param amount what is withheld now
     * @param nonBillable what of it a recount found outside the life of the instance
     * @param writtenOff what was withheld and given up
     */
    public record Withheld(BigDecimal amount, BigDecimal nonBillable, @Nullable String reason, BigDecimal writtenOff) {}

    /**
     * Invariant 3 of one instance, over its whole life.
     *
     * @param accounts where it all is now: every account has an amount
     */
    public record Equation(
            BilledInstance instance, BigDecimal metered, BigDecimal credits, Map<Account, BigDecimal> accounts) {

        public Equation {
            accounts = Collections.unmodifiableMap(new EnumMap<>(accounts));
        }

        public BigDecimal in(Account account) {
            return Objects.requireNonNull(accounts.get(account));
        }

        /** Zero, or something has vanished or come from nowhere. */
        public BigDecimal difference() {
            return metered.add(credits).subtract(accounts.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add));
        }

        public boolean holds() {
            return difference().signum() == 0;
        }

        /** Of both together, under the names of this one. */
        public Equation plus(Equation other) {
            Map<Account, BigDecimal> sums = new EnumMap<>(accounts);
            other.accounts.forEach((account, amount) -> sums.merge(account, amount, BigDecimal::add));
            return new Equation(instance, metered.add(other.metered), credits.add(other.credits), sums);
        }

        /** For a person. */
        public String sentence() {
            return "metered " + text(metered) + " + credits " + text(credits) + (holds() ? " = " : " ≠ ")
                    + IN_ORDER.stream()
                            .map(account -> account.label().replace('-', ' ') + " " + text(in(account)))
                            .collect(Collectors.joining(" + "));
        }

        private static String text(BigDecimal amount) {
            return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
        }
    }

    /** What sums are over. */
    public enum Grouping {
        BUYER_AND_METER("''", ""),
        INSTANCE("i.instance_id", ", i.instance_id");

        private final String instanceId;
        private final String alsoBy;

        Grouping(String instanceId, String alsoBy) {
            this.instanceId = instanceId;
            this.alsoBy = alsoBy;
        }
    }

    /** The sums over the hours of the scope, in the order buyer, meter, instance. Whose there are no hours of is not among them. */
    public void sums(Scope scope, Grouping grouping, Consumer<HoursSum> reader) {
        Conditions month = Conditions.ofMonth(scope);
        Conditions hours = Conditions.ofHours(scope);
        stream(
                scope,
                SUMS.formatted(grouping.instanceId, month.sql(), hours.sql(), grouping.alsoBy),
                Conditions.parameters(month, hours),
                row -> reader.accept(HoursSum.of(row, BilledInstance.of(row))));
    }

    /** The lines in the order buyer, meter, instance, hour, revision, begin. */
    public void lines(Scope scope, Consumer<Line> reader) {
        Conditions decisions = Conditions.ofDecisions(scope);
        Conditions instances = Conditions.ofInstances(scope);
        Conditions month = Conditions.ofMonth(scope);
        Conditions hours = Conditions.ofHours(scope);
        String sql = HOURS.formatted(
                UpcasterChain.presentPayloadSql(), decisions.sql(), instances.sql(), month.sql(), hours.sql());
        List<Object> parameters = Conditions.parameters(decisions, instances, month, hours);
        stream(scope, sql, parameters, row -> reader.accept(line(row)));
    }

    /** A month is a part of the tables, and what is not limited is all of them. */
    private void stream(Scope scope, String sql, List<Object> parameters, RowCallbackHandler rows) {
        if (scope.month() == null) {
            reading.stream(sql, parameters, rows);
        } else {
            reading.streamPart(sql, parameters, rows);
        }
    }

    /** The equations in the order buyer, instance; a month does not limit them, since they hold over a life. */
    public void equations(Scope scope, Consumer<Equation> reader) {
        Conditions conditions = Conditions.ofInstances(scope);
        reading.stream(
                EQUATIONS.formatted(conditions.sql()), conditions.parameters, row -> reader.accept(equation(row)));
    }

    private static Instant start(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private static Line line(ResultSet row) throws SQLException {
        String who = row.getString("who");
        return new Line(
                BilledInstance.of(row),
                Objects.requireNonNull(Reading.moment(row, "hour")),
                row.getInt("revision"),
                row.getBigDecimal("metered"),
                new Withheld(
                        row.getBigDecimal("withheld"),
                        row.getBigDecimal("withheld_non_billable"),
                        row.getString("withheld_reason"),
                        row.getBigDecimal("withheld_written_off")),
                row.getString("metering_sn") == null ? null : StatedRecord.of(row),
                who == null ? null : new DecidedBy(who, row.getString("why")));
    }

    private static Equation equation(ResultSet row) throws SQLException {
        Map<Account, BigDecimal> accounts = new EnumMap<>(Account.class);
        for (Account account : Account.values()) {
            accounts.put(account, row.getBigDecimal(HoursSum.column(account)));
        }
        return new Equation(
                BilledInstance.of(row), row.getBigDecimal("metered"), row.getBigDecimal("credits"), accounts);
    }

    private static final class Conditions {
        private final List<String> texts = new ArrayList<>();
        private final List<Object> parameters = new ArrayList<>();

        /** Of {@code i}: the instance, the buyer and the seller account. */
        static Conditions ofInstances(Scope scope) {
            Conditions conditions = new Conditions();
            if (scope.instanceId() != null) {
                conditions.add("i.instance_id = ?", scope.instanceId());
            }
            if (scope.buyerId() != null) {
                conditions.add("i.buyer_id = ?", scope.buyerId());
            }
            if (scope.account() != null) {
                conditions.add("i.account = ?", scope.account());
            }
            return conditions;
        }

        /** Of {@code h}: the month alone. */
        static Conditions ofMonth(Scope scope) {
            Conditions conditions = new Conditions();
            if (scope.month() != null) {
                conditions.add("h.hour >= ?", start(scope.month()));
                conditions.add("h.hour < ?", start(scope.month().plusMonths(1)));
            }
            return conditions;
        }

        /** Of events. Hours stand in them as text of one length, so they compare as text. */
        static Conditions ofDecisions(Scope scope) {
            Conditions conditions = new Conditions();
            if (scope.month() != null) {
                String hour = "(payload ->> 'hour') collate \"C\" ";
                conditions.add(hour + ">= ?", start(scope.month()).toString());
                conditions.add(hour + "< ?", start(scope.month().plusMonths(1)).toString());
            }
            return conditions;
        }

        static Conditions ofHours(Scope scope) {
            Conditions conditions = ofInstances(scope);
            Conditions month = ofMonth(scope);
            conditions.texts.addAll(month.texts);
            conditions.parameters.addAll(month.parameters);
            return conditions;
        }

        /** In the order in which they stand in a query. */
        static List<Object> parameters(Conditions... inOrder) {
            return Arrays.stream(inOrder)
                    .flatMap(conditions -> conditions.parameters.stream())
                    .toList();
        }

        void add(String condition, Object parameter) {
            texts.add(condition);
            parameters.add(parameter);
        }

        String sql() {
            return texts.isEmpty() ? "true" : String.join(" and ", texts);
        }
    }
}
