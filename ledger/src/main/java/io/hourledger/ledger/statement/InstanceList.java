package io.hourledger.ledger.statement;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Lists instances page by page. Each page goes on behind the last one by key. It looks at {@value #MOST_LOOKED_AT} instances at most, so its
 * cost does not grow with the number of instances. A page may therefore be short, or empty, and still not be the last.
 */
public final class InstanceList {

    private static final int MOST_LOOKED_AT = 1000;

    /** As the index {@code instance_in_state} has it. */
    static final String STATE =
            """
            (case when released_at is not null then 'released' when expired then 'expired' when frozen then 'frozen' \
            else 'active' end)""";

    /** The filters that no index answers look at what the index gave, and are no reason to read on. */
    private static final String CANDIDATES =
            """
            select i.*, %1$s and %2$s and (?::text is null or coalesce(account = ?, false)) as wanted
              from (select account, buyer_id, meter, instance_id, product_id, %3$s as state, opened_at, expires_at, released_at, test
                      from ledger.instance
                     where %4$s
                     order by %5$s
                     limit ?) as i
             order by %6$s
            """;

    /** One look at the key for each instance. As {@code exists} it could become a hash of all hours of the month. */
    private static final String USED =
            """
            coalesce((select true from ledger.metered_hour h \
            where h.instance_id = i.instance_id and h.hour >= ? and h.hour < ? limit 1), false)""";

    private final Reading reading;

    public InstanceList(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.reading = new Reading(jdbc, transactions);
    }

    /** What an instance's life has come to. */
    public enum State {
        ACTIVE,
        FROZEN,
        EXPIRED,
        RELEASED;

        /** As the ledger's index and the pages write it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Which instances are listed; a part that is null does not limit them.
     *
     * @param usedIn only instances that have a metered hour in this month (UTC), withheld ones included
     * @param sellerAccount the seller account that they were ordered from
     */
    public record Filter(
            @Nullable String buyerId,
            @Nullable String productId,
            @Nullable State state,
            @Nullable YearMonth usedIn,
            @Nullable String sellerAccount) {

        /** Of all seller accounts. */
        public Filter(
                @Nullable String buyerId,
                @Nullable String productId,
                @Nullable State state,
                @Nullable YearMonth usedIn) {
            this(buyerId, productId, state, usedIn, null);
        }
    }

    /**
     * An instance and its life.
     *
     * @param expiresAt null if it has no term
     * @param releasedAt null while it lives
     */
    public record Listed(
            BilledInstance instance,
            String productId,
            State state,
            boolean test,
            Instant openedAt,
            @Nullable Instant expiresAt,
            @Nullable Instant releasedAt) {}

    /** Where a page ended: the key of the last instance that it looked at. It means something for the same filter only. */
    public record Place(String first, String second, String instanceId) {

        /** From the parts that an address has carried; null, the first page, if they are none. */
        public static @Nullable Place of(String @Nullable [] parts) {
            return parts == null || parts.length != 3 ? null : new Place(parts[0], parts[1], parts[2]);
        }

        /** For an address. */
        public List<String> parts() {
            return List.of(first, second, instanceId);
        }
    }

    /**
     * @param next where the next page begins; null if this was the last
     */
    public record Page(List<Listed> instances, @Nullable Place next) {}

    /**
     * Sorted by buyer, product and instance; if only a product is asked for, by state and instance.
     *
     * @param after where the page before ended; null for the first page
     * @param most how many instances the page has at most
     */
    public Page page(Filter filter, @Nullable Place after, int most) {
        boolean byProduct = filter.buyerId() == null && filter.productId() != null;
        List<String> conditions = new ArrayList<>();
        List<@Nullable Object> parameters = new ArrayList<>();
        State state = filter.state();
        YearMonth month = filter.usedIn();
        if (month != null) {
            parameters.add(start(month));
            parameters.add(start(month.plusMonths(1)));
        }
        if (state != null) {
            parameters.add(state.label());
        }
        parameters.add(filter.sellerAccount());
        parameters.add(filter.sellerAccount());
        add(conditions, parameters, "buyer_id = ?", filter.buyerId());
        add(conditions, parameters, "product_id = ?", filter.productId());
        String order = byProduct ? "product_id, " + STATE + ", instance_id" : "buyer_id, product_id, instance_id";
        if (after != null) {
            conditions.add("(" + order + ") > (?, ?, ?)");
            parameters.addAll(List.of(after.first(), after.second(), after.instanceId()));
        }
        parameters.add(MOST_LOOKED_AT);
        String sql = CANDIDATES.formatted(
                month == null ? "true" : USED,
                state == null ? "true" : "i.state = ?",
                STATE,
                conditions.isEmpty() ? "true" : String.join(" and ", conditions),
                order,
                byProduct ? "product_id, state, instance_id" : order);
        return read(sql, parameters, byProduct, most);
    }

    private Page read(String sql, List<@Nullable Object> parameters, boolean byProduct, int most) {
        List<Listed> page = new ArrayList<>();
        List<Place> places = new ArrayList<>();
        int[] lookedAt = new int[1];
        reading.streamByIndex(sql, parameters, row -> {
            lookedAt[0]++;
            if (page.size() == most) {
                return;
            }
            Listed listed = listed(row);
            if (row.getBoolean("wanted")) {
                page.add(listed);
            }
            places.add(place(listed, byProduct));
        });
        boolean more = places.size() < lookedAt[0] || lookedAt[0] == MOST_LOOKED_AT;
        return new Page(List.copyOf(page), more ? places.getLast() : null);
    }

    private static Place place(Listed last, boolean byProduct) {
        return byProduct
                ? new Place(
                        last.productId(), last.state().label(), last.instance().instanceId())
                : new Place(
                        last.instance().buyerId(),
                        last.productId(),
                        last.instance().instanceId());
    }

    private static void add(
            List<String> conditions, List<@Nullable Object> parameters, String condition, @Nullable Object parameter) {
        if (parameter != null) {
            conditions.add(condition);
            parameters.add(parameter);
        }
    }

    static Listed listed(ResultSet row) throws SQLException {
        return new Listed(
                BilledInstance.of(row),
                row.getString("product_id"),
                State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getBoolean("test"),
                Objects.requireNonNull(Reading.moment(row, "opened_at")),
                Reading.moment(row, "expires_at"),
                Reading.moment(row, "released_at"));
    }

    private static Instant start(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
