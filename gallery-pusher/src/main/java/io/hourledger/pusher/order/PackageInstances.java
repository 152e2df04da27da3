package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import java.math.BigDecimal;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps which pay-per-use instance every package is for. */
public final class PackageInstances {

    private final JdbcClient jdbc;

    PackageInstances(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** An item of a package, and the pay-per-use instance whose usage is drawn from it. */
    public record Served(String packageInstanceId, InstanceId instanceId) {}

    /**
     * The package of this item of an order line: the one given, unless there is one already. Belongs into the opening's transaction.
     *
     * @param decidedBy who named the instance; null if only one fitted
     */
    String claim(Requested requested, PackageItem item, String packageInstanceId, @Nullable DecidedBy decidedBy) {
        jdbc.sql(
                        """
                        insert into pusher.package_instance (order_id, order_line_id, product_id, package_instance_id,
                                                             instance_id, added_at, decided_by, decided_because)
                        values (:order, :line, :product, :package, :instance, :added, :who, :why)
                        on conflict (order_id, order_line_id, product_id) do nothing""")
                .param("order", requested.orderId())
                .param("line", requested.orderLineId())
                .param("product", item.productId())
                .param("package", packageInstanceId)
                .param("instance", item.instanceId().value())
                .param("added", requested.firstCalledAt().atOffset(ZoneOffset.UTC))
                .param("who", decidedBy == null ? null : decidedBy.who(), Types.VARCHAR)
                .param("why", decidedBy == null ? null : decidedBy.why(), Types.VARCHAR)
                .update();
        return jdbc.sql(
                        """
                        select package_instance_id from pusher.package_instance
                         where order_id = :order and order_line_id = :line and product_id = :product""")
                .param("order", requested.orderId())
                .param("line", requested.orderLineId())
                .param("product", item.productId())
                .query(String.class)
                .single();
    }

    /** What is for which instance, of those of these ids that are packages. */
    public List<Served> of(Collection<String> packageInstanceIds) {
        return jdbc.sql(
                        """
                        select package_instance_id, instance_id from pusher.package_instance
                         where package_instance_id = any (:ids) order by package_instance_id, product_id""")
                .param("ids", packageInstanceIds.toArray(String[]::new))
                .query((row, n) ->
                        new Served(row.getString("package_instance_id"), new InstanceId(row.getString("instance_id"))))
                .list();
    }

    /** What was drawn of it by the ledger's projection; empty if it does not know it. */
    public Optional<BigDecimal> drawn(Served served) {
        return jdbc.sql(
                        """
                        select contained - remaining from ledger.package
                         where instance_id = :instance and package_instance_id = :package""")
                .param("instance", served.instanceId().value())
                .param("package", served.packageInstanceId())
                .query(BigDecimal.class)
                .optional();
    }

    /** The pay-per-use instances that a package is for; none if the id is no package's. */
    public List<InstanceId> servedBy(String packageInstanceId) {
        return of(List.of(packageInstanceId)).stream()
                .map(Served::instanceId)
                .distinct()
                .toList();
    }

    /** It is over. The ledger only knows that nothing is drawn from it, as from one that is frozen. */
    public void expire(String packageInstanceId, Instant at) {
        jdbc.sql(
                        """
                        update pusher.package_instance set expired_at = :at
                         where package_instance_id = :package and expired_at is null""")
                .param("package", packageInstanceId)
                .param("at", at.atOffset(ZoneOffset.UTC))
                .update();
    }

    /** Whether it is over, so that the end of a freeze does not let it go on. */
    public boolean hasExpired(String packageInstanceId) {
        return jdbc.sql(
                        """
                        select exists (select from pusher.package_instance
                                        where package_instance_id = :package and expired_at is not null)""")
                .param("package", packageInstanceId)
                .query(Boolean.class)
                .single();
    }

    /** Whether the id is that of another order line's package. */
    boolean isOfAnotherLine(String packageInstanceId, Requested requested) {
        return jdbc.sql(
                        """
                        select exists (select from pusher.package_instance
                                        where package_instance_id = :package
                                          and (order_id, order_line_id) <> (:order, :line))""")
                .param("package", packageInstanceId)
                .param("order", requested.orderId())
                .param("line", requested.orderLineId())
                .query(Boolean.class)
                .single();
    }
}
