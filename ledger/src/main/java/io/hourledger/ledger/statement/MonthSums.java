package io.hourledger.ledger.statement;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Sums the hours of one month up: for a page of instances, for a page of buyers, by product, or for the whole account. Instances without an
 * hour in the month are left out.
 */
public final class MonthSums {

    /** An instance's hours and records of the month are found by its key. The window of a record lies in its hour. */
    private static final String SUMS =
            """
            select %1$s as name, i.meter, count(*) as instances, sum(h.hours) as hours,
                sum(h.metered) as metered, sum(h.credits) as credits, sum(h.withheld) as withheld,
                sum(r.reported) as reported, sum(r.in_flight) as in_flight, sum(r.unknown) as unknown,
                sum(r.refused) as refused, sum(r.disputed) as disputed,
                sum(r.written_off) + sum(h.written_off) as written_off, sum(h.written_off) as withheld_written_off
            from ledger.instance i
            cross join lateral (
                select count(*) as hours,
                    coalesce(sum(amount) filter (where amount > 0), 0) as metered,
                    coalesce(sum(amount) filter (where amount < 0), 0) as credits,
                    coalesce(sum(withheld), 0) as withheld,
                    coalesce(sum(withheld_written_off), 0) as written_off
                from ledger.metered_hour
                where instance_id = i.instance_id and hour >= ? and hour < ?
            ) h
            cross join lateral (
                select coalesce(sum(amount) filter (where state = 'reported'), 0) as reported,
                    coalesce(sum(amount) filter (where state = 'in-flight'), 0) as in_flight,
                    coalesce(sum(amount) filter (where state = 'unknown'), 0) as unknown,
                    coalesce(sum(amount) filter (where state = 'refused'), 0) as refused,
                    coalesce(sum(amount) filter (where state = 'disputed'), 0) as disputed,
                    coalesce(sum(amount) filter (where state = 'written-off'), 0) as written_off
                from ledger.usage_record
                where instance_id = i.instance_id and begin_at >= ? and begin_at < ?
            ) r
            where %2$s and h.hours > 0 and (?::text is null or i.account = ?)
            group by 1, i.meter
            order by 1, i.meter
            """;

    /** One step on the index for each buyer, however many instances they have. */
    private static final String BUYERS =
            """
            with recursive buyer(id) as (
                select min(buyer_id) from ledger.instance where buyer_id > ?
                union all
                select (select min(buyer_id) from ledger.instance where buyer_id > buyer.id) from buyer
                where buyer.id is not null
            )
            select id from buyer where id is not null limit ?
            """;

    private final Reading reading;
    private final @Nullable String sellerAccount;

    public MonthSums(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this(new Reading(jdbc, transactions), null);
    }

    private MonthSums(Reading reading, @Nullable String sellerAccount) {
        this.reading = reading;
        this.sellerAccount = sellerAccount;
    }

    /**
     * The same sums over the instances of one seller account.
     *
     * @param sellerAccount null for all of them
     */
    public MonthSums ofSellerAccount(@Nullable String sellerAccount) {
        return new MonthSums(reading, sellerAccount);
    }

    /**
     * What the hours of one or several instances with one meter came to.
     *
     * @param name the instance, buyer or product; empty for the account
     * @param instances how many instances have hours in the month
     * @param hours how many hours, further revisions counted like hours
     */
    public record Group(String name, long instances, long hours, HoursSum sum) {}

    /**
     * @param lastBuyer where the next page begins; null if this was the last
     */
    public record BuyerPage(List<Group> groups, @Nullable String lastBuyer) {}

    /** Of these instances, one group each. */
    public List<Group> ofInstances(Collection<String> instanceIds, YearMonth month) {
        return groups("i.instance_id", "i.instance_id = any(?)", month, texts(instanceIds));
    }

    /** Of the next buyers by name, one group for each meter. It reads all hours of these buyers. */
    public BuyerPage ofBuyersAfter(@Nullable String buyer, int most, YearMonth month) {
        return reading.together(() -> {
            List<String> buyers = new ArrayList<>();
            reading.streamByIndex(
                    BUYERS, List.of(buyer == null ? "" : buyer, most + 1), row -> buyers.add(row.getString("id")));
            boolean more = buyers.size() > most;
            List<String> page = more ? buyers.subList(0, most) : buyers;
            return new BuyerPage(ofBuyers(page, month), more ? page.getLast() : null);
        });
    }

    /** Of these buyers, one group for each meter. */
    public List<Group> ofBuyers(Collection<String> buyers, YearMonth month) {
        return groups("i.buyer_id", "i.buyer_id = any(?)", month, texts(buyers));
    }

    /** One group for each product and meter. It reads all hours of the month, so give it a time-out. */
    public List<Group> byProduct(YearMonth month) {
        return groups("i.product_id", "true", month, null);
    }

    /** One group for each meter. It reads all hours of the month, so give it a time-out. */
    public List<Group> ofAccount(YearMonth month) {
        return groups("''", "true", month, null);
    }

    private List<Group> groups(String name, String condition, YearMonth month, @Nullable Object among) {
        Instant start = start(month);
        Instant end = start(month.plusMonths(1));
        List<@Nullable Object> parameters = new ArrayList<>(List.of(start, end, start, end));
        if (among != null) {
            parameters.add(among);
        }
        parameters.add(sellerAccount);
        parameters.add(sellerAccount);
        List<Group> groups = new ArrayList<>();
        reading.streamByIndex(SUMS.formatted(name, condition), parameters, row -> groups.add(group(row)));
        return groups;
    }

    private static String[] texts(Collection<String> texts) {
        return texts.toArray(String[]::new);
    }

    private static Group group(ResultSet row) throws SQLException {
        BilledInstance nobody = new BilledInstance("", row.getString("meter"), "");
        return new Group(
                row.getString("name"), row.getLong("instances"), row.getLong("hours"), HoursSum.of(row, nobody));
    }

    private static Instant start(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
