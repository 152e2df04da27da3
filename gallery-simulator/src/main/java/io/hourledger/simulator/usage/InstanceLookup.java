package io.hourledger.simulator.usage;

import io.hourledger.simulator.usage.KnownInstance.FrozenSpan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the marketplace knows of the instances that a call names. */
final class InstanceLookup {

    private static final String INSTANCES =
            """
            with named as materialized (
                select * from gallery.instance where instance_id = any(:ids)),
            known as (
                select * from named
                union
                select bundle.* from gallery.instance bundle
                  join (select distinct buyer_id from named) buyer on buyer.buyer_id = bundle.buyer_id
                 where bundle.charging_mode = 'ON_DEMAND_PKG' and bundle.stop_when_used_up)
            select i.instance_id, i.buyer_id, i.product_id, i.charging_mode, i.stop_when_used_up, i.package_for,
                   i.contained, i.started_at, i.answered_at, i.released_at,
                   case when i.contained is not null
                        then (select coalesce(sum(r.amount), 0) from gallery.usage_record r
                               where r.package_instance_id = i.instance_id and r.state = 'ACCEPTED')
                        else 0 end as collected
              from known i""";

    private static final String FROZEN =
            "select instance_id, from_at, to_at from gallery.frozen_span where instance_id = any(:ids)";

    private final JdbcClient database;

    InstanceLookup(JdbcClient database) {
        this.database = database;
    }

    /** By id: those of these ids, and the stop-when-used-up packages of their buyers. */
    Map<String, KnownInstance> of(Collection<String> ids) {
        Map<String, KnownInstance> instances = new HashMap<>();
        database.sql(INSTANCES).param("ids", ids.toArray(String[]::new)).query(row -> {
            String id = row.getString("instance_id");
            instances.put(
                    id,
                    new KnownInstance(
                            id,
                            row.getString("buyer_id"),
                            row.getString("product_id"),
                            row.getString("charging_mode"),
                            instant(row, "started_at"),
                            instantOrNull(row, "released_at"),
                            new ArrayList<>(),
                            bundle(row)));
        });
        database.sql(FROZEN)
                .param("ids", instances.keySet().toArray(String[]::new))
                .query(row -> {
                    Objects.requireNonNull(instances.get(row.getString("instance_id")))
                            .frozen()
                            .add(new FrozenSpan(instant(row, "from_at"), instantOrNull(row, "to_at")));
                });
        return instances;
    }

    private static KnownInstance.@Nullable Bundle bundle(ResultSet row) throws SQLException {
        return row.getString("charging_mode").equals("ON_DEMAND_PKG") && row.getBoolean("stop_when_used_up")
                ? new KnownInstance.Bundle(
                        List.of((String[]) row.getArray("package_for").getArray()),
                        instant(row, "answered_at"),
                        row.getBigDecimal("contained"),
                        row.getBigDecimal("collected"))
                : null;
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
