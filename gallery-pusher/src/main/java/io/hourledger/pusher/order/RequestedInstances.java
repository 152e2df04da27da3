package io.hourledger.pusher.order;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps which instances the marketplace asked for and how far each got. */
public final class RequestedInstances {

    private static final String COLUMNS =
            "account, order_id, order_line_id, product_hint, instance_id, test, first_called_at, state";

    private final JdbcClient jdbc;
    private final OrderItems items;

    RequestedInstances(JdbcClient jdbc) {
        this.jdbc = jdbc;
        this.items = new OrderItems(jdbc);
    }

    OrderItems items() {
        return items;
    }

    /** How far a request got. */
    public enum State {
        WAITING,
        NEEDS_REVIEW,
        OPEN,
        RELEASED;

        String stored() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static State ofStored(String stored) {
            return valueOf(stored.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
    }

    /**
     * A request as its first call left it.
     *
     * @param account the seller account that was called
     */
    public record Requested(
            String account,
            String orderId,
            String orderLineId,
            String productHint,
            String instanceId,
            boolean test,
            Instant firstCalledAt,
            State state) {}

    /** The request of this order line (and product, if the call named one); made with this call's business id if it is the first. */
    public Requested remember(
            String account,
            String orderId,
            String orderLineId,
            String productHint,
            String businessId,
            boolean test,
            Instant now) {
        jdbc.sql(
                        """
                        insert into pusher.requested_instance
                               (account, order_id, order_line_id, product_hint, instance_id, test, first_called_at)
                        values (:account, :order, :line, :hint, :business, :test, :now)
                        on conflict (account, order_id, order_line_id, product_hint) do nothing""")
                .param("account", account)
                .param("order", orderId)
                .param("line", orderLineId)
                .param("hint", productHint)
                .param("business", businessId)
                .param("test", test)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .update();
        return jdbc.sql(
                        "select " + COLUMNS
                                + " from pusher.requested_instance"
                                + " where account = :account and order_id = :order and order_line_id = :line and product_hint = :hint")
                .param("account", account)
                .param("order", orderId)
                .param("line", orderLineId)
                .param("hint", productHint)
                .query((row, n) -> requested(row))
                .single();
    }

    /** Whether this product of an order without lines is open: for debugging, or for real. */
    public boolean isOpen(String account, String orderId, String productHint, boolean test) {
        return jdbc.sql(
                        """
                        select exists (select from pusher.requested_instance
                                        where account = :account and order_id = :order and order_line_id = :line
                                          and product_hint = :hint and test = :test and state = 'open')""")
                .param("account", account)
                .param("order", orderId)
                .param("line", OrdersInCalls.NO_LINE)
                .param("hint", productHint)
                .param("test", test)
                .query(Boolean.class)
                .single();
    }

    /** Whether the instance was opened for a call that named another product of the same order line. */
    boolean isOpenAsAnotherProduct(Requested requested, String instanceId) {
        return jdbc.sql(
                        """
                        select exists (select from pusher.requested_instance
                                        where account = :account and instance_id = :instance and state = 'open'
                                          and order_id = :order and order_line_id = :line and product_hint <> :hint)""")
                .param("account", requested.account())
                .param("instance", instanceId)
                .param("order", requested.orderId())
                .param("line", requested.orderLineId())
                .param("hint", requested.productHint())
                .query(Boolean.class)
                .single();
    }

    /** The request's state now; it stays so until the transaction ends. */
    State lock(Requested requested) {
        return jdbc.sql(
                        """
                        select state from pusher.requested_instance
                         where account = :account and order_id = :order and order_line_id = :line and product_hint = :hint
                           for update""")
                .param("account", requested.account())
                .param("order", requested.orderId())
                .param("line", requested.orderLineId())
                .param("hint", requested.productHint())
                .query((row, n) -> State.ofStored(row.getString("state")))
                .single();
    }

    void opened(Requested requested, String instanceId) {
        change(requested, State.OPEN, "", instanceId);
    }

    /** True if that is news: it was not held for this reason before. */
    boolean held(Requested requested, String why) {
        return change(requested, State.NEEDS_REVIEW, why, requested.instanceId());
    }

    /** True if that is news: it was not waiting for this reason before. */
    boolean waiting(Requested requested, String why) {
        return change(requested, State.WAITING, why, requested.instanceId());
    }

    /** It is a package, and it waits. */
    void isPackage(Requested requested) {
        jdbc.sql(
                        """
                        update pusher.requested_instance set is_package = true
                         where account = :account and order_id = :order and order_line_id = :line and product_hint = :hint
                           and not is_package""")
                .param("account", requested.account())
                .param("order", requested.orderId())
                .param("line", requested.orderLineId())
                .param("hint", requested.productHint())
                .update();
    }

    /** It was tried, and nothing was learned: others are before it at the next turn. */
    void tried(Requested requested) {
        jdbc.sql(
                        """
                        update pusher.requested_instance set tried_at = clock_timestamp()
                         where account = :account and order_id = :order and order_line_id = :line and product_hint = :hint""")
                .param("account", requested.account())
                .param("order", requested.orderId())
                .param("line", requested.orderLineId())
                .param("hint", requested.productHint())
                .update();
    }

    private boolean change(Requested requested, State state, String reason, String instanceId) {
        return jdbc.sql(
                        """
                        with before as (
                            select state, reason from pusher.requested_instance
                             where account = :account and order_id = :order and order_line_id = :line
                               and product_hint = :hint
                               for update)
                        update pusher.requested_instance r
                           set state = :state, reason = :reason, instance_id = :instance, tried_at = clock_timestamp()
                          from before
                         where account = :account and order_id = :order and order_line_id = :line and product_hint = :hint
                           and r.state not in ('released', 'open')
                        returning (before.state, before.reason) is distinct from (:state, :reason)""")
                .param("account", requested.account())
                .param("state", state.stored())
                .param("reason", reason)
                .param("instance", instanceId)
                .param("order", requested.orderId())
                .param("line", requested.orderLineId())
                .param("hint", requested.productHint())
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /**
     * Requests of a state that were not tried since a moment, the one longest not tried first.
     *
     * @param state WAITING, or NEEDS_REVIEW
     * @param before machine time of the database
     * @param otherAccounts those of which none is wanted
     */
    List<Requested> notTriedSince(State state, Instant before, Collection<String> otherAccounts, int most) {
        return jdbc.sql("select " + COLUMNS
                        + " from pusher.requested_instance"
                        + " where state in ('waiting', 'needs-review') and state = :state and tried_at < :before"
                        + " and account <> all (:others)"
                        + " order by tried_at limit :most")
                .param("state", state.stored())
                .param("before", before.atOffset(ZoneOffset.UTC))
                .param("others", otherAccounts.toArray(String[]::new))
                .param("most", most)
                .query((row, n) -> requested(row))
                .list();
    }

    /**
     * Claims the next try of one of these that waits for no person: of the one longest not tried, unless that was a moment ago. The marketplace
     * asks without pause, and of two that ask at the same moment one gets it.
     */
    public Optional<Requested> claimTry(Collection<String> instanceIds) {
        return jdbc.sql(
                        """
                        with longest as (
                            select account, order_id, order_line_id, product_hint from pusher.requested_instance
                             where instance_id = any (:ids) and state = 'waiting'
                               and tried_at < clock_timestamp() - interval '2 seconds'
                             order by tried_at limit 1
                               for update skip locked)
                        update pusher.requested_instance asked set tried_at = clock_timestamp()
                          from longest
                         where (asked.account, asked.order_id, asked.order_line_id, asked.product_hint)
                               = (longest.account, longest.order_id, longest.order_line_id, longest.product_hint)
                        returning asked.account, asked.order_id, asked.order_line_id, asked.product_hint,
                                  asked.instance_id, asked.test, asked.first_called_at, asked.state""")
                .param("ids", instanceIds.toArray(String[]::new))
                .query((row, n) -> requested(row))
                .optional();
    }

    /** Requests that came before this one or with it, are not open yet, and are not known to be packages. */
    List<Requested> notOpenBefore(Requested requested, int most) {
        return jdbc.sql("select " + COLUMNS
                        + " from pusher.requested_instance where state in ('waiting', 'needs-review') and not is_package"
                        + " and account = :account and test = :test and first_called_at <= :at"
                        + " and (order_id, order_line_id, product_hint) <> (:order, :line, :hint)"
                        + " order by first_called_at, order_id, order_line_id, product_hint limit :most")
                .param("account", requested.account())
                .param("test", requested.test())
                .param("at", requested.firstCalledAt().atOffset(ZoneOffset.UTC))
                .param("order", requested.orderId())
                .param("line", requested.orderLineId())
                .param("hint", requested.productHint())
                .param("most", most)
                .query((row, n) -> requested(row))
                .list();
    }

    long countNotOpen() {
        return jdbc.sql("select count(*) from pusher.requested_instance where state in ('waiting', 'needs-review')")
                .query(Long.class)
                .single();
    }

    /** Packages that are ordered and not added to an instance yet. */
    long countPackagesNotPlaced() {
        return jdbc.sql(
                        """
                        select count(*) from pusher.requested_instance
                         where state in ('waiting', 'needs-review') and is_package""")
                .query(Long.class)
                .single();
    }

    /** The request that led to this instance; of several one that is not open yet, and else the first. */
    public Optional<Requested> ofInstance(String instanceId) {
        return jdbc.sql("select " + COLUMNS
                        + " from pusher.requested_instance where instance_id = :instance"
                        + " order by state not in ('waiting', 'needs-review'), state = 'released', first_called_at,"
                        + " account, order_id, order_line_id, product_hint limit 1")
                .param("instance", instanceId)
                .query((row, n) -> requested(row))
                .optional();
    }

    /** Whether debugging calls asked for this instance, and no real call did. False of one that nobody asked for. */
    public boolean isForDebugging(String instanceId) {
        return jdbc.sql(
                        """
                        select coalesce(bool_and(test), false) from pusher.requested_instance
                         where instance_id = :instance""")
                .param("instance", instanceId)
                .query(Boolean.class)
                .single();
    }

    /** Whether a call of the other kind asked for this instance: a real one for a debugging one, or the other way round. */
    public boolean isOfTheOtherKind(String instanceId, boolean test) {
        return jdbc.sql(
                        """
                        select exists (select from pusher.requested_instance
                                        where instance_id = :instance and test <> :test)""")
                .param("instance", instanceId)
                .param("test", test)
                .query(Boolean.class)
                .single();
    }

    /** Whether any of these is asked for and not open yet. */
    public boolean anyNotOpen(Collection<String> instanceIds) {
        return jdbc.sql(
                        """
                        select exists (select from pusher.requested_instance
                                        where instance_id = any (:ids) and state in ('waiting', 'needs-review'))""")
                .param("ids", instanceIds.toArray(String[]::new))
                .query(Boolean.class)
                .single();
    }

    /** Whether one of these was asked for by another seller account: it is none of the caller's business. */
    public boolean anyOfAnotherAccount(String account, Collection<String> instanceIds) {
        return jdbc.sql(
                        """
                        select exists (select from pusher.requested_instance
                                        where instance_id = any (:ids) and account <> :account)""")
                .param("account", account)
                .param("ids", instanceIds.toArray(String[]::new))
                .query(Boolean.class)
                .single();
    }

    /** A request that was never opened and is given back. True if there was one, and none of the same instance is open: the release is of that. */
    public boolean releaseUnopened(String instanceId) {
        return jdbc.sql(
                                """
                                update pusher.requested_instance set state = 'released', reason = 'released before it was opened'
                                 where instance_id = :instance and state in ('waiting', 'needs-review')
                                   and not exists (select from pusher.requested_instance opened
                                                    where opened.instance_id = :instance and opened.state = 'open')""")
                        .param("instance", instanceId)
                        .update()
                > 0;
    }

    private static Requested requested(ResultSet row) throws SQLException {
        return new Requested(
                row.getString("account"),
                row.getString("order_id"),
                row.getString("order_line_id"),
                row.getString("product_hint"),
                row.getString("instance_id"),
                row.getBoolean("test"),
                row.getObject("first_called_at", OffsetDateTime.class).toInstant(),
                State.ofStored(row.getString("state")));
    }
}
