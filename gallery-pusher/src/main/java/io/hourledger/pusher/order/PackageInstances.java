package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.pusher.order.OrderItems.Claimed;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import java.math.BigDecimal;
import java.sql.Types;
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
    public record Served(String packageInstanceId, String productId, InstanceId instanceId) {}

    /**
     * The package of this item of an order line: the request's, unless there is one already. Belongs into the opening's transaction.
     *
     * @param decidedBy who named the instance; null if only one fitted
     */
    Claimed claim(Requested requested, PackageItem item, @Nullable DecidedBy decidedBy) {
        jdbc.sql(
                        """
                        insert into pusher.package_instance (account, order_id, order_line_id, product_id, package_instance_id,
                                                             instance_id, test, added_at, decided_by, decided_because)
                        values (:account, :order, :line, :product, :package, :instance, :test, :added, :who, :why)
                        on conflict (account, order_id, order_line_id, product_id) do nothing""")
                .param("account", requested.account())
                .param("order", requested.orderId())
                .param("line", requested.orderLineId())
                .param("product", item.productId())
                .param("package", requested.instanceId())
                .param("instance", item.instanceId().value())
                .param("test", requested.test())
                .param("added", requested.firstCalledAt().atOffset(ZoneOffset.UTC))
                .param("who", decidedBy == null ? null : decidedBy.who(), Types.VARCHAR)
                .param("why", decidedBy == null ? null : decidedBy.why(), Types.VARCHAR)
                .update();
        return jdbc.sql(
                        """
                        select package_instance_id, test from pusher.package_instance
                         where account = :account and order_id = :order and order_line_id = :line
                           and product_id = :product""")
                .param("account", requested.account())
                .param("order", requested.orderId())
                .param("line", requested.orderLineId())
                .param("product", item.productId())
                .query((row, n) -> new Claimed(row.getString("package_instance_id"), row.getBoolean("test")))
                .single();
    }

    /** What is for which instance, of those of these ids that are packages. */
    public List<Served> of(Collection<String> packageInstanceIds) {
        return jdbc.sql(
                        """
                        select package_instance_id, product_id, instance_id from pusher.package_instance
                         where package_instance_id = any (:ids) order by package_instance_id, product_id""")
                .param("ids", packageInstanceIds.toArray(String[]::new))
                .query((row, n) -> new Served(
                        row.getString("package_instance_id"),
                        row.getString("product_id"),
                        new InstanceId(row.getString("instance_id"))))
                .list();
    }

    /**
     * What was drawn of it by the ledger's projection; empty if it does not know it. While the instance waits for the projections, its events tell:
     * a package begins anew behind its last withdrawal.
     */
    public Optional<BigDecimal> drawn(Served served) {
        return jdbc.sql(
                        """
                        select contained - remaining from ledger.package
                         where instance_id = :instance and package_instance_id = :package
                           and not exists (select from ledger.dead_letter where reader = 'projections' and instance_id = :instance)
                         union all
                        select coalesce(sum(case event_type when 'package-drawn-down' then 1 else -1 end
                                            * (payload ->> 'amount')::numeric), 0)
                          from ledger.event
                         where instance_id = :instance and event_type in ('package-drawn-down', 'package-draw-down-reversed')
                           and payload ->> 'packageInstanceId' = :package
                           and sequence_number > coalesce(
                                   (select max(sequence_number) from ledger.event
                                     where instance_id = :instance and event_type = 'package-withdrawn'
                                       and payload ->> 'packageInstanceId' = :package), -1)
                        having exists (select from ledger.dead_letter where reader = 'projections' and instance_id = :instance)""")
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

    /** A person says that an item is for another instance than before. Belongs into the transaction that moves it. */
    void move(String packageInstanceId, String productId, InstanceId instanceId, DecidedBy by) {
        jdbc.sql(
                        """
                        update pusher.package_instance
                           set instance_id = :instance, decided_by = :who, decided_because = :why
                         where package_instance_id = :package and product_id = :product""")
                .param("instance", instanceId.value())
                .param("who", by.who())
                .param("why", by.why())
                .param("package", packageInstanceId)
                .param("product", productId)
                .update();
    }

    /** Whether the id is that of another order line's package. */
    boolean isOfAnotherLine(String packageInstanceId, Requested requested) {
        return jdbc.sql(
                        """
                        select exists (select from pusher.package_instance
                                        where package_instance_id = :package
                                          and (account, order_id, order_line_id) <> (:account, :order, :line))""")
                .param("account", requested.account())
                .param("package", packageInstanceId)
                .param("order", requested.orderId())
                .param("line", requested.orderLineId())
                .query(Boolean.class)
                .single();
    }
}
