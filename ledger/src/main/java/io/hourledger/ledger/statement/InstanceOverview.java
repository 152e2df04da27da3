package io.hourledger.ledger.statement;

import io.hourledger.ledger.statement.InstanceList.Listed;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/** Looks at one instance as a person does: its life, its packages, the hours of a month, and what waits for a decision. */
public final class InstanceOverview {

    private static final String LIFE =
            """
            select instance_id, buyer_id, meter, product_id, %s as state, test, opened_at, expires_at, released_at,
                order_id, order_line_id, charging_mode, pricing_mode, billing_cycle
            from ledger.instance where instance_id = ?
            """
                    .formatted(InstanceList.STATE);

    private static final String PACKAGES =
            """
            select package_instance_id, contained, remaining, added_at, used_up_at, released_at
            from ledger.package where instance_id = ?
            order by added_at, package_instance_id
            limit 1000
            """;

    private static final String HOURS =
            """
            select hour, sum(amount) as amount, sum(withheld) as withheld, sum(event_count) as events
            from ledger.metered_hour where instance_id = ? and hour >= ? and hour < ?
            group by hour order by hour
            """;

    /** As the alarm about withheld usage counts it: what a product or an order withholds for good waits for nobody. */
    private static final String WAITING =
            """
            select 'withheld' as what, withheld_reason as why, count(*) as number, sum(withheld) as amount, min(hour) as oldest
            from ledger.metered_hour
            where instance_id = ? and withheld <> 0 and withheld_reason not in ('test-instance', 'not-pay-per-use', 'no-marketplace')
            group by withheld_reason
            union all
            select state, coalesce(code, ''), count(*), sum(amount), min(hour)
            from ledger.usage_record
            where instance_id = ? and state in ('unknown', 'refused', 'disputed')
            group by state, code
            order by 1, 2
            """;

    private final Reading reading;

    public InstanceOverview(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.reading = new Reading(jdbc, transactions);
    }

    /** What the instance was ordered as. */
    public record Order(
            String orderId, String orderLineId, String chargingMode, String pricingMode, String billingCycle) {}

    /**
     * A package that the instance draws from.
     *
     * @param usedUpAt null while something remains
     * @param releasedAt null while it lives
     */
    public record DrawnPackage(
            String packageInstanceId,
            BigDecimal contained,
            BigDecimal remaining,
            Instant addedAt,
            @Nullable Instant usedUpAt,
            @Nullable Instant releasedAt) {}

    /** An hour over all its revisions. */
    public record Hour(Instant start, BigDecimal amount, BigDecimal withheld, long events) {}

    /**
     * What a person has to decide about.
     *
     * @param what withheld, or the state of a record
     * @param why the reason, or the marketplace's code; may be empty
     * @param number how many hours or records
     * @param oldest the oldest of their hours
     */
    public record Waiting(String what, String why, long number, BigDecimal amount, Instant oldest) {}

    /**
     * @param hours those of the month that were metered, in order
     */
    public record Overview(
            Listed life, Order order, List<DrawnPackage> packages, List<Hour> hours, List<Waiting> waiting) {}

    private record Life(Listed life, Order order) {}

    /** Empty if there is no such instance. */
    public Optional<Overview> of(String instanceId, YearMonth month) {
        return reading.together(() -> {
            List<Life> lives = new ArrayList<>();
            List<DrawnPackage> packages = new ArrayList<>();
            List<Hour> hours = new ArrayList<>();
            List<Waiting> waiting = new ArrayList<>();
            reading.stream(LIFE, List.of(instanceId), row -> lives.add(new Life(InstanceList.listed(row), order(row))));
            reading.stream(PACKAGES, List.of(instanceId), row -> packages.add(packageOf(row)));
            reading.stream(
                    HOURS,
                    List.of(instanceId, start(month), start(month.plusMonths(1))),
                    row -> hours.add(new Hour(
                            Objects.requireNonNull(Reading.moment(row, "hour")),
                            row.getBigDecimal("amount"),
                            row.getBigDecimal("withheld"),
                            row.getLong("events"))));
            reading.stream(
                    WAITING,
                    List.of(instanceId, instanceId),
                    row -> waiting.add(new Waiting(
                            row.getString("what"),
                            Objects.requireNonNullElse(row.getString("why"), ""),
                            row.getLong("number"),
                            row.getBigDecimal("amount"),
                            Objects.requireNonNull(Reading.moment(row, "oldest")))));
            return lives.stream()
                    .findFirst()
                    .map(life -> new Overview(life.life, life.order, packages, hours, waiting));
        });
    }

    private static Order order(ResultSet row) throws SQLException {
        return new Order(
                row.getString("order_id"),
                row.getString("order_line_id"),
                row.getString("charging_mode"),
                row.getString("pricing_mode"),
                row.getString("billing_cycle"));
    }

    private static DrawnPackage packageOf(ResultSet row) throws SQLException {
        return new DrawnPackage(
                row.getString("package_instance_id"),
                row.getBigDecimal("contained"),
                row.getBigDecimal("remaining"),
                Objects.requireNonNull(Reading.moment(row, "added_at")),
                Reading.moment(row, "used_up_at"),
                Reading.moment(row, "released_at"));
    }

    private static Instant start(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
