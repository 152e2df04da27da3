package io.hourledger.ledger.statement;

import io.hourledger.ledger.instance.Account;
import io.hourledger.ledger.instance.WithholdReason;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Lists which usage of a month is metered and not billed, and why: what is withheld, reason by reason, and then the usage records that the
 * marketplace has not accepted, state by state. Each page goes on behind the last one by key.
 *
 * <p>Withheld usage is found by its index, so a page costs the same however much was billed. No index knows the state of a record. So a page
 * looks at {@value #MOST_LOOKED_AT} records of the month at most, and may be short, or empty, and still not be the last.
 */
public final class NotBilled {

    /** What a recount found outside the life of the instance, whatever the hour was withheld for first. */
    public static final String NOT_BILLABLE = "outside-life-by-recount";

    /** What waits for a person, then what nobody has to decide about, then records. */
    public static final List<String> REASONS = Stream.of(
                    Stream.of(
                            WithholdReason.BEFORE_OPENED,
                            WithholdReason.AFTER_RELEASE,
                            WithholdReason.MIXED_HOUR,
                            WithholdReason.FROZEN,
                            WithholdReason.EXPIRED,
                            WithholdReason.OUTSIDE_LIFE,
                            NOT_BILLABLE,
                            WithholdReason.LIFE_FORGOTTEN,
                            WithholdReason.TOO_OLD,
                            WithholdReason.PACKAGE_USED_UP,
                            WithholdReason.NO_PACKAGE,
                            WithholdReason.NO_WHOLE_SECOND,
                            WithholdReason.LATE_WINDOW,
                            WithholdReason.NO_WINDOW_LEFT,
                            WithholdReason.VOLUME_PRICING,
                            WithholdReason.CREDIT_OF_ANOTHER_PRODUCT,
                            WithholdReason.CREDIT_OF_ANOTHER_SYSTEM,
                            WithholdReason.TOO_MANY_CREDITS),
                    Stream.of(WithholdReason.TEST, WithholdReason.NO_MARKETPLACE, WithholdReason.NOT_PAY_PER_USE),
                    Stream.of(Account.UNKNOWN, Account.REFUSED, Account.DISPUTED, Account.IN_FLIGHT)
                            .map(Account::label))
            .flatMap(reasons -> reasons)
            .toList();

    private static final List<String> RECORD_STATES = Stream.of(
                    Account.UNKNOWN, Account.REFUSED, Account.DISPUTED, Account.IN_FLIGHT)
            .map(Account::label)
            .toList();

    static final int MOST_LOOKED_AT = 100_000;

    /** The hours of each reason that a sum counts at most, the oldest ones. */
    public static final int MOST_SUMMED = 10_000;

    /** The part of an hour that is withheld for its reason; what a recount found outside the life is a reason of its own. */
    private static final String WITHHELD =
            """
            select i.buyer_id, i.meter, i.instance_id, i.account, h.hour, h.revision, h.closed_at as since, %1$s as amount,
                null as metering_sn, null as detail
            from ledger.metered_hour h
            join ledger.instance i using (instance_id)
            where %2$s and h.hour >= ? and h.hour < ? and (h.hour, h.instance_id, h.revision) > (?, ?, ?) and %3$s
            order by h.hour, h.instance_id, h.revision
            limit ?
            """;

    private static final String RECORDS =
            """
            select i.buyer_id, i.meter, i.instance_id, i.account, r.hour, r.revision, r.state_since as since, r.amount, r.metering_sn,
                concat_ws(' ', r.code, r.detail) as detail, r.state = ? and %1$s as wanted
            from (select * from ledger.usage_record
                  where hour >= ? and hour < ? and (hour, instance_id, metering_sn) > (?, ?, ?)
                  order by hour, instance_id, metering_sn
                  limit ?) r
            join ledger.instance i using (instance_id)
            order by r.hour, r.instance_id, r.metering_sn
            """;

    private static final String SUMS =
            """
            select meter, count(*) as hours, sum(amount) as amount, min(hour) as oldest
            from (select i.meter, h.hour, %1$s as amount
                  from ledger.metered_hour h
                  join ledger.instance i using (instance_id)
                  where %2$s and h.hour >= ? and h.hour < ? and %3$s
                  order by h.hour
                  limit ?) of_reason
            group by meter
            order by meter
            """;

    private final Reading reading;

    public NotBilled(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.reading = new Reading(jdbc, transactions);
    }

    /**
     * Of what the usage is; a part that is null does not limit it.
     *
     * @param reason one of {@link #REASONS}
     * @param sellerAccount the seller account that the instance was ordered from
     */
    public record Filter(
            YearMonth month, @Nullable String reason, @Nullable String buyerId, @Nullable String sellerAccount) {}

    /**
     * Usage that is not billed.
     *
     * @param sellerAccount null for an instance without a marketplace
     * @param reason one of {@link #REASONS}: why it is withheld, or the state of its record
     * @param amount in the unit of the meter; a credit is below zero
     * @param since when the hour was closed, or when the record came into its state; business time
     * @param record null if the usage is in no record
     */
    public record Item(
            BilledInstance instance,
            @Nullable String sellerAccount,
            Instant hour,
            int revision,
            String reason,
            BigDecimal amount,
            Instant since,
            @Nullable OpenRecord record) {}

    /**
     * A usage record that the marketplace has not accepted.
     *
     * @param detail what the marketplace said of it; may be empty
     */
    public record OpenRecord(String meteringSn, String detail) {}

    /** Where a page ended. It means something for the same filter only. */
    public record Place(String reason, Instant hour, String instanceId, String last) {

        /** From the parts that an address has carried; null, the first page, if they are none. */
        public static @Nullable Place of(String @Nullable [] parts) {
            if (parts == null || parts.length != 4 || !REASONS.contains(parts[0])) {
                return null;
            }
            try {
                Place place = new Place(parts[0], Instant.parse(parts[1]), parts[2], parts[3]);
                return place.isRecord() || parts[3].matches("-?[0-9]{1,9}") ? place : null;
            } catch (DateTimeException noTime) {
                return null;
            }
        }

        /** For an address. */
        public List<String> parts() {
            return List.of(reason, hour.toString(), instanceId, last);
        }

        private boolean isRecord() {
            return RECORD_STATES.contains(reason);
        }
    }

    /**
     * @param next where the next page begins; null if this was the last
     */
    public record Page(List<Item> items, @Nullable Place next) {}

    /**
     * What is withheld for one reason, of one meter.
     *
     * @param hours at most {@link #MOST_SUMMED} of a reason are counted, the oldest ones
     * @param oldest the oldest of these hours
     */
    public record Sum(String reason, String meter, long hours, BigDecimal amount, Instant oldest) {}

    /** Sorted by reason, as {@link #REASONS} has them, and by hour. */
    public Page page(Filter filter, @Nullable Place after, int most) {
        return reading.together(() -> {
            List<Item> items = new ArrayList<>();
            boolean reached = after == null;
            for (String reason : REASONS) {
                reached |= after != null && after.reason.equals(reason);
                if (!reached || (filter.reason != null && !filter.reason.equals(reason))) {
                    continue;
                }
                Place from = after != null && after.reason.equals(reason) ? after : before(reason, filter.month);
                Place next = RECORD_STATES.contains(reason)
                        ? addRecords(items, filter, from, most)
                        : addWithheld(items, filter, from, most);
                if (next != null) {
                    return new Page(List.copyOf(items), next);
                }
            }
            return new Page(List.copyOf(items), null);
        });
    }

    /** What of the month is withheld, reason by reason. Records are in no sum: {@link MonthSums} has them. */
    public List<Sum> withheld(Filter filter) {
        return reading.together(() -> {
            List<Sum> sums = new ArrayList<>();
            for (String reason : REASONS) {
                if (RECORD_STATES.contains(reason) || (filter.reason != null && !filter.reason.equals(reason))) {
                    continue;
                }
                List<Object> parameters = new ArrayList<>(reasonOf(reason));
                parameters.add(start(filter.month));
                parameters.add(start(filter.month.plusMonths(1)));
                parameters.addAll(whose(filter));
                parameters.add(MOST_SUMMED);
                reading.streamByIndex(
                        SUMS.formatted(amount(reason), found(reason), whoseSql(filter)),
                        parameters,
                        row -> sums.add(new Sum(
                                reason,
                                row.getString("meter"),
                                row.getLong("hours"),
                                row.getBigDecimal("amount"),
                                Objects.requireNonNull(Reading.moment(row, "oldest")))));
            }
            return sums;
        });
    }

    /** Where to go on; null if the reason has no more. */
    private @Nullable Place addWithheld(List<Item> items, Filter filter, Place from, int most) {
        String reason = from.reason;
        int room = most - items.size();
        List<Object> parameters = new ArrayList<>(reasonOf(reason));
        parameters.addAll(List.of(from.hour, start(filter.month.plusMonths(1))));
        parameters.addAll(List.of(from.hour, from.instanceId, Integer.valueOf(from.last)));
        parameters.addAll(whose(filter));
        parameters.add(room + 1);
        List<Item> found = new ArrayList<>();
        reading.streamByIndex(
                WITHHELD.formatted(amount(reason), found(reason), whoseSql(filter)),
                parameters,
                row -> found.add(item(row, reason)));
        items.addAll(found.subList(0, Math.min(room, found.size())));
        if (found.size() <= room) {
            return null;
        }
        return room == 0 ? from : withheldPlace(found.get(room - 1));
    }

    private @Nullable Place addRecords(List<Item> items, Filter filter, Place from, int most) {
        List<Object> parameters = new ArrayList<>(List.of(from.reason));
        parameters.addAll(whose(filter));
        parameters.addAll(List.of(from.hour, start(filter.month.plusMonths(1))));
        parameters.addAll(List.of(from.hour, from.instanceId, from.last, MOST_LOOKED_AT));
        int[] lookedAt = new int[1];
        Place[] last = {from};
        boolean[] full = new boolean[1];
        reading.streamByIndex(RECORDS.formatted(whoseSql(filter)), parameters, row -> {
            lookedAt[0]++;
            boolean wanted = row.getBoolean("wanted");
            full[0] |= wanted && items.size() == most;
            if (full[0]) {
                return;
            }
            if (wanted) {
                items.add(item(row, from.reason));
            }
            last[0] = new Place(
                    from.reason,
                    Objects.requireNonNull(Reading.moment(row, "hour")),
                    row.getString("instance_id"),
                    row.getString("metering_sn"));
        });
        return full[0] || lookedAt[0] == MOST_LOOKED_AT ? last[0] : null;
    }

    /** Every key of the month lies behind it. */
    private static Place before(String reason, YearMonth month) {
        return new Place(reason, start(month), "", RECORD_STATES.contains(reason) ? "" : "-1");
    }

    private static Place withheldPlace(Item item) {
        return new Place(item.reason, item.hour, item.instance.instanceId(), Integer.toString(item.revision));
    }

    private static String amount(String reason) {
        return reason.equals(NOT_BILLABLE) ? "h.withheld_non_billable" : "h.withheld - h.withheld_non_billable";
    }

    private static String found(String reason) {
        return reason.equals(NOT_BILLABLE)
                ? "h.withheld_non_billable <> 0"
                : "h.withheld_reason = ? and h.withheld <> h.withheld_non_billable";
    }

    private static List<String> reasonOf(String reason) {
        return reason.equals(NOT_BILLABLE) ? List.of() : List.of(reason);
    }

    private static String whoseSql(Filter filter) {
        return (filter.buyerId == null ? "true" : "i.buyer_id = ?")
                + (filter.sellerAccount == null ? "" : " and i.account = ?");
    }

    private static List<String> whose(Filter filter) {
        return Stream.of(filter.buyerId, filter.sellerAccount)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
    }

    private static Item item(ResultSet row, String reason) throws SQLException {
        String sn = row.getString("metering_sn");
        return new Item(
                BilledInstance.of(row),
                row.getString("account"),
                Objects.requireNonNull(Reading.moment(row, "hour")),
                row.getInt("revision"),
                reason,
                row.getBigDecimal("amount"),
                Objects.requireNonNull(Reading.moment(row, "since")),
                sn == null ? null : new OpenRecord(sn, row.getString("detail")));
    }

    private static Instant start(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
