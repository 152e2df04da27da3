package io.hourledger.pusher.push;

import io.hourledger.contracts.usage.BillingCycle;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Keeps what pushing needs to know of each instance: its billing cycle, and whether it is frozen. Filled from the ledger's events, in their
 * order and in the feed's transaction.
 */
final class InstanceTerms {

    private static final String KEEP_CYCLES =
            """
            insert into pusher.instance_terms as kept (instance_id, billing_cycle)
            select * from unnest(:instances::text[], :cycles::text[])
            on conflict (instance_id) do update set billing_cycle = excluded.billing_cycle
              where kept.billing_cycle <> excluded.billing_cycle""";

    private static final String KEEP_FROZEN =
            """
            update pusher.instance_terms kept set frozen = t.frozen
              from unnest(:instances::text[], :frozen::boolean[]) as t (instance, frozen)
             where kept.instance_id = t.instance and kept.frozen <> t.frozen
            returning kept.instance_id, kept.frozen""";

    private static final String BILLED_DAILY =
            "select instance_id from pusher.instance_terms where instance_id = any (:instances) and billing_cycle = 'DAILY'";

    private static final String IS_FROZEN =
            "select count(*) from pusher.instance_terms where instance_id = :instance and frozen";

    private final JdbcClient jdbc;

    InstanceTerms(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** What a batch of events changes; the last word on an instance counts. */
    static final class Changes {
        private final Map<String, String> cycles = new LinkedHashMap<>();
        private final Map<String, Boolean> frozen = new LinkedHashMap<>();

        void billed(String instanceId, String cycle) {
            cycles.put(instanceId, cycle);
        }

        void frozen(String instanceId) {
            frozen.put(instanceId, true);
        }

        void notFrozen(String instanceId) {
            frozen.put(instanceId, false);
        }
    }

    /** Keeps the changes, and gives the instances that were frozen until now. */
    List<String> keep(Changes changes) {
        if (!changes.cycles.isEmpty()) {
            jdbc.sql(KEEP_CYCLES)
                    .param("instances", changes.cycles.keySet().toArray(String[]::new))
                    .param("cycles", changes.cycles.values().toArray(String[]::new))
                    .update();
        }
        if (changes.frozen.isEmpty()) {
            return List.of();
        }
        record Changed(String instanceId, boolean frozen) {}
        return jdbc
                .sql(KEEP_FROZEN)
                .param("instances", changes.frozen.keySet().toArray(String[]::new))
                .param("frozen", changes.frozen.values().toArray(Boolean[]::new))
                .query((row, n) -> new Changed(row.getString("instance_id"), row.getBoolean("frozen")))
                .list()
                .stream()
                .filter(changed -> !changed.frozen())
                .map(Changed::instanceId)
                .toList();
    }

    /** The billing cycle of each of these instances. */
    Function<String, BillingCycle> cyclesOf(Collection<String> instances) {
        Set<String> daily = new HashSet<>(jdbc.sql(BILLED_DAILY)
                .param("instances", instances.toArray(String[]::new))
                .query(String.class)
                .list());
        return instance -> daily.contains(instance) ? BillingCycle.DAILY : BillingCycle.HOURLY;
    }

    /** Whether an instance is frozen, as far as the ledger's events were read. */
    boolean isFrozen(String instanceId) {
        return jdbc.sql(IS_FROZEN)
                        .param("instance", instanceId)
                        .query(Long.class)
                        .single()
                > 0;
    }
}
