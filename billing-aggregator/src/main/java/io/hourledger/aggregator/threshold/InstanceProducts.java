package io.hourledger.aggregator.threshold;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.InstanceOpened;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUpgraded;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.StoredEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Which product an instance has, as the feed tells: so those with a threshold are found without asking the ledger for all that are used. */
public final class InstanceProducts implements LedgerFeed.Reader {

    /** What it wants to hear of. */
    public static final Set<Class<? extends InstanceEvent>> EVENTS =
            Set.of(InstanceOpened.class, InstanceUpgraded.class);

    private static final String NOTE =
            """
            insert into aggregator.instance_product (instance, product)
            select * from unnest(?::text[], ?::text[])
                on conflict (instance) do update set product = excluded.product, change = default""";

    private static final String NEW =
            """
            select instance, change from aggregator.instance_product where product = ? and change > ? order by change limit ?""";

    /** Also hours that are closed since a short while: several may close between two looks. */
    private static final String WITH_OPEN_BUCKETS =
            """
            select distinct b.instance
              from aggregator.bucket b
             where b.partition = ?
               and b.hour > coalesce((select max(hour) from aggregator.hour_cutoff where partition = ? and closed_at is not null), '-infinity')
                            - interval '3 hours'
               and (b.instance = any (?)
                    or exists (select 1 from aggregator.instance_product p where p.instance = b.instance and p.product = any (?)))""";

    private final JdbcTemplate jdbc;

    public InstanceProducts(DataSource database) {
        this.jdbc = new JdbcTemplate(database);
    }

    @Override
    public void read(List<StoredEvent> batch) {
        Map<String, String> products = new LinkedHashMap<>();
        for (StoredEvent stored : batch) {
            if (stored.event() instanceof InstanceOpened opened) {
                products.put(opened.instanceId(), opened.product().productId());
            } else if (stored.event() instanceof InstanceUpgraded upgraded) {
                products.put(upgraded.instanceId(), upgraded.productId());
            }
        }
        if (!products.isEmpty()) {
            jdbc.update(connection -> {
                var statement = connection.prepareStatement(NOTE);
                statement.setArray(
                        1, connection.createArrayOf("text", products.keySet().toArray()));
                statement.setArray(
                        2, connection.createArrayOf("text", products.values().toArray()));
                return statement;
            });
        }
    }

    /**
     * Instances that got a product behind {@code change}, the first of them.
     *
     * @param reached is told the change of the last of them
     */
    List<String> newSince(String product, long change, int limit, LongConsumer reached) {
        List<String> instances = new ArrayList<>();
        jdbc.query(
                NEW,
                row -> {
                    instances.add(row.getString(1));
                    reached.accept(row.getLong(2));
                },
                product,
                change,
                limit);
        return instances;
    }

    /** Those of these products, and these instances, that have usage in hours of the partition that are not closed. */
    List<String> withOpenBuckets(int partition, Collection<String> instances, Collection<String> products) {
        List<String> found = new ArrayList<>();
        jdbc.query(
                connection -> {
                    var statement = connection.prepareStatement(WITH_OPEN_BUCKETS);
                    statement.setInt(1, partition);
                    statement.setInt(2, partition);
                    statement.setArray(3, connection.createArrayOf("text", instances.toArray()));
                    statement.setArray(4, connection.createArrayOf("text", products.toArray()));
                    return statement;
                },
                row -> {
                    found.add(row.getString(1));
                });
        return found;
    }
}
