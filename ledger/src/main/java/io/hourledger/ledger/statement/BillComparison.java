package io.hourledger.ledger.statement;

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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Says why the bill of a buyer or of an instance differs between two months. What a month's hours came to is split by cause, and what of it the
 * marketplace has not accepted is taken off. So the parts add up to what was billed, of each month and of the difference.
 */
public final class BillComparison {

    /**
     * Every revision of an hour is in one cause: the first that holds. An hour is under another product from the upgrade on that comes last before
     * it, if that lies in the two months or between them.
     */
    private static final String METERED =
            """
            select i.meter, h.instance_id,
                case
                    when h.amount < 0 then 'CREDITS'
                    when h.withheld_reason is not null then 'BILLED_LATER'
                    when bool_or(r.reissued) then 'ISSUED_AGAIN'
                    when bool_or(r.packaged) then 'PACKAGES'
                    when h.revision > 0 then 'LATE'
                    when u.upgraded then 'OTHER_PRODUCT'
                    else 'USAGE'
                end as cause,
                sum(h.amount) as amount
            from ledger.instance i
            join ledger.metered_hour h using (instance_id)
            left join lateral (
                select bool_or(state = 'reissued') as reissued, bool_or(package_instance_id is not null) as packaged
                from ledger.usage_record
                where instance_id = h.instance_id and begin_at >= h.hour and begin_at < h.hour + interval '1 hour'
                  and hour = h.hour and revision = h.revision
            ) r on true
            left join lateral (
                select bool_or(true) as upgraded
                from ledger.event
                where instance_id = h.instance_id and event_type = 'instance-upgraded'
                  and (payload ->> 'upgradedAt')::timestamptz > ? and (payload ->> 'upgradedAt')::timestamptz <= h.hour
            ) u on true
            where %s and h.hour >= ? and h.hour < ?
            group by i.meter, h.instance_id, h.hour, h.revision, h.amount, h.withheld_reason, u.upgraded
            """;

    private static final String SUM_OF_CAUSES =
            "select meter, instance_id, cause, sum(amount) as amount from (" + METERED + ") h group by 1, 2, 3";

    private static final String WITHHELD =
            """
            select i.meter, h.instance_id, part.cause, sum(part.amount) as amount
            from ledger.instance i
            join ledger.metered_hour h using (instance_id)
            cross join lateral (values ('WITHHELD', - h.withheld), ('WRITTEN_OFF', - h.withheld_written_off)) part(cause, amount)
            where %s and h.hour >= ? and h.hour < ?
            group by 1, 2, 3
            """;

    private static final String RECORDS =
            """
            select i.meter, r.instance_id,
                case r.state when 'reported' then 'BILLED' when 'in-flight' then 'IN_FLIGHT' when 'written-off' then 'WRITTEN_OFF'
                    when 'reissued' then 'REPLACED' else 'NEEDS_DECISION' end as cause,
                sum(case r.state when 'reported' then r.amount else - r.amount end) as amount
            from ledger.instance i
            join ledger.usage_record r using (instance_id)
            where %s and r.begin_at >= ? and r.begin_at < ?
            group by 1, 2, 3
            """;

    private final Reading reading;

    public BillComparison(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.reading = new Reading(jdbc, transactions);
    }

    /** Why a part of a bill is there, or what keeps metered usage off it. */
    public enum Cause {
        /** Counted when its hour was closed. */
        USAGE("used in the hour"),
        /** The same, since an upgrade in one of the two months. */
        OTHER_PRODUCT("used under another product"),
        /** Drawn from a package, whole or in part. */
        PACKAGES("drawn from a package"),
        /** Events that came when the hour was closed already, or an amendment that adds. */
        LATE("came late, or was added by an amendment"),
        /** Taken back by an amendment or a recount. */
        CREDITS("taken back by an amendment or a recount"),
        /** An hour that was withheld, of which a part at least may be billed by now. */
        BILLED_LATER("withheld at first"),
        /** An hour with a record that was issued again. */
        ISSUED_AGAIN("issued again after a refusal or a dispute"),
        /** Withheld still. */
        WITHHELD("withheld still"),
        /** In a record that is refused, unknown or disputed. */
        NEEDS_DECISION("refused, unknown or disputed"),
        /** In a record on its way. */
        IN_FLIGHT("on its way to the marketplace"),
        /** Given up. */
        WRITTEN_OFF("written off"),
        /** What earlier hours left over and this month's records took, less what was left to later ones. */
        CARRIED("carried over from or to other hours");

        private final String words;

        Cause(String words) {
            this.words = words;
        }

        /** For a person. */
        public String words() {
            return words;
        }
    }

    /** One cause, in both months. */
    public record Part(Cause cause, BigDecimal before, BigDecimal now) {

        public BigDecimal difference() {
            return now.subtract(before);
        }
    }

    /**
     * A bill of one meter, in both months.
     *
     * @param instanceId empty for all instances together
     * @param billedBefore what the marketplace has accepted of the month that is compared with
     * @param billedNow the same of the month that is explained
     * @param parts every cause; their sum is what was billed, in either month
     */
    public record Bill(
            String instanceId, String meter, BigDecimal billedBefore, BigDecimal billedNow, List<Part> parts) {

        public BigDecimal difference() {
            return billedNow.subtract(billedBefore);
        }

        /** The cause whose amounts differ most. */
        public Cause main() {
            return parts.stream()
                    .max((one, other) ->
                            one.difference().abs().compareTo(other.difference().abs()))
                    .map(Part::cause)
                    .orElse(Cause.USAGE);
        }
    }

    /**
     * Both months of a buyer or an instance.
     *
     * @param total one for each meter
     * @param instances those that have usage in either month, the largest difference first
     */
    public record Comparison(List<Bill> total, List<Bill> instances) {}

    /** Reads all hours of the buyer in both months. */
    public Comparison ofBuyer(String buyerId, YearMonth before, YearMonth now) {
        return compare("i.buyer_id = ?", buyerId, before, now);
    }

    public Comparison ofInstance(String instanceId, YearMonth before, YearMonth now) {
        return compare("i.instance_id = ?", instanceId, before, now);
    }

    private record Whose(String meter, String instanceId) {}

    private Comparison compare(String whose, String id, YearMonth before, YearMonth now) {
        YearMonth first = before.isBefore(now) ? before : now;
        return reading.together(() -> {
            Month earlier = month(whose, id, before, start(first));
            Month later = month(whose, id, now, start(first));
            Set<Whose> all = new HashSet<>(earlier.amounts.keySet());
            all.addAll(later.amounts.keySet());
            List<Bill> instances = all.stream()
                    .map(one -> bill(one, earlier.of(one), later.of(one)))
                    .sorted(BillComparison::largestFirst)
                    .toList();
            Map<String, List<Whose>> byMeter =
                    all.stream().collect(Collectors.groupingBy(Whose::meter, TreeMap::new, Collectors.toList()));
            List<Bill> total = byMeter.entrySet().stream()
                    .map(meter -> bill(
                            new Whose(meter.getKey(), ""), earlier.of(meter.getValue()), later.of(meter.getValue())))
                    .toList();
            return new Comparison(total, instances);
        });
    }

    private static int largestFirst(Bill one, Bill other) {
        int byDifference = other.difference().abs().compareTo(one.difference().abs());
        return byDifference != 0 ? byDifference : one.instanceId.compareTo(other.instanceId);
    }

    private Month month(String whose, String id, YearMonth month, Instant first) {
        Instant from = start(month);
        Instant to = start(month.plusMonths(1));
        Month read = new Month(new HashMap<>());
        reading.streamByIndex(SUM_OF_CAUSES.formatted(whose), List.of(first, id, from, to), read::add);
        reading.streamByIndex(WITHHELD.formatted(whose), List.of(id, from, to), read::add);
        reading.streamByIndex(RECORDS.formatted(whose), List.of(id, from, to), read::add);
        return read;
    }

    /** Amounts as the queries name them: causes, and beside them what is billed and what another record replaced. */
    private record Month(Map<Whose, Map<String, BigDecimal>> amounts) {

        void add(ResultSet row) throws SQLException {
            amounts.computeIfAbsent(
                            new Whose(row.getString("meter"), row.getString("instance_id")), one -> new HashMap<>())
                    .merge(row.getString("cause"), row.getBigDecimal("amount"), BigDecimal::add);
        }

        Map<String, BigDecimal> of(Whose whose) {
            return amounts.getOrDefault(whose, Map.of());
        }

        Map<String, BigDecimal> of(List<Whose> several) {
            Map<String, BigDecimal> sums = new HashMap<>();
            several.forEach(one -> of(one).forEach((cause, amount) -> sums.merge(cause, amount, BigDecimal::add)));
            return sums;
        }
    }

    private static Bill bill(Whose whose, Map<String, BigDecimal> before, Map<String, BigDecimal> now) {
        Map<Cause, BigDecimal> partsBefore = parts(before);
        Map<Cause, BigDecimal> partsNow = parts(now);
        List<Part> parts = new ArrayList<>();
        for (Cause cause : Cause.values()) {
            parts.add(new Part(
                    cause,
                    Objects.requireNonNull(partsBefore.get(cause)),
                    Objects.requireNonNull(partsNow.get(cause))));
        }
        return new Bill(whose.instanceId, whose.meter, billed(before), billed(now), List.copyOf(parts));
    }

    /** What no other cause explains moved between hours. */
    private static Map<Cause, BigDecimal> parts(Map<String, BigDecimal> amounts) {
        Map<Cause, BigDecimal> parts = new EnumMap<>(Cause.class);
        Arrays.stream(Cause.values())
                .forEach(cause -> parts.put(cause, amounts.getOrDefault(cause.name(), BigDecimal.ZERO)));
        BigDecimal explained = parts.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
        parts.put(Cause.CARRIED, billed(amounts).subtract(explained));
        return Collections.unmodifiableMap(parts);
    }

    private static BigDecimal billed(Map<String, BigDecimal> amounts) {
        return amounts.getOrDefault("BILLED", BigDecimal.ZERO);
    }

    private static Instant start(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
