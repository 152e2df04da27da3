package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.InstanceState;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;

/** Answers from {@code instance_snapshot}, and from the events where no state is enough. */
public final class StateQueries implements LedgerQueries {

    private final JdbcTemplate jdbc;
    private final EventTable table;

    public StateQueries(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
        this.table = new EventTable(jdbc, new EventJson(), null);
    }

    @Override
    public Set<InstanceId> known(Collection<InstanceId> instanceIds) {
        Set<InstanceId> known = new HashSet<>();
        query(
                "select instance_id from ledger.instance_snapshot where instance_id = any (?)",
                instanceIds,
                row -> known.add(new InstanceId(row.getString(1))));
        return known;
    }

    @Override
    public Map<InstanceId, InstanceView> instances(Collection<InstanceId> instanceIds) {
        List<String> ids = instanceIds.stream().map(InstanceId::value).toList();
        Map<InstanceId, InstanceView> views = new HashMap<>();
        IndexScansOnly.in(Objects.requireNonNull(jdbc.getDataSource()), () -> table.load(ids))
                .forEach((id, stored) -> views.put(new InstanceId(id), view(stored.state())));
        return views;
    }

    @Override
    public Map<InstanceId, String> meters(Collection<InstanceId> instanceIds) {
        Map<InstanceId, String> meters = new HashMap<>();
        query(
                """
                select instance_id, state #>> '{origin,meter}'
                  from ledger.instance_snapshot
                 where instance_id = any (?) and state #>> '{origin,meter}' is not null""",
                instanceIds,
                row -> meters.put(new InstanceId(row.getString(1)), row.getString(2)));
        return meters;
    }

    /** As {@link SnapshotCodec} writes it: an instance that was never upgraded has its product in the origin alone. */
    @Override
    public Map<InstanceId, String> products(Collection<InstanceId> instanceIds) {
        Map<InstanceId, String> products = new HashMap<>();
        query(
                """
                select instance_id, coalesce(state #>> '{life,products,-1,1}', state #>> '{origin,product}') as product
                  from ledger.instance_snapshot
                 where instance_id = any (?) and state #>> '{origin,product}' is not null""",
                instanceIds,
                row -> products.put(new InstanceId(row.getString(1)), row.getString(2)));
        return products;
    }

    @Override
    public int recordsIssued(InstanceId instanceId, UsageWindow window) {
        return IndexScansOnly.in(
                Objects.requireNonNull(jdbc.getDataSource()), () -> table.recordsIssued(instanceId.value(), window));
    }

    private static InstanceView view(InstanceState state) {
        return new InstanceView(
                new InstanceId(state.instanceId()),
                state.origin(),
                state.life(),
                state.packages(),
                state.totals(),
                state.recent().latest().map(hour -> hour.end()).orElse(null),
                state.thresholds());
    }

    private void query(String sql, Collection<InstanceId> instanceIds, RowCallbackHandler handler) {
        List<String> ids = instanceIds.stream().map(InstanceId::value).toList();
        IndexScansOnly.in(Objects.requireNonNull(jdbc.getDataSource()), () -> {
            jdbc.query(
                    connection -> {
                        var statement = connection.prepareStatement(sql);
                        statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
                        return statement;
                    },
                    handler);
            return ids;
        });
    }
}
