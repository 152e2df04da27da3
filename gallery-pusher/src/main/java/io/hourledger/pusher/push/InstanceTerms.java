package io.hourledger.pusher.push;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Keeps what pushing needs to know of each instance: whose it is, and whether it is frozen. Filled from the ledger's events, in their
 * order and in the feed's transaction.
 */
final class InstanceTerms {

    private static final String ADD =
            """
            insert into pusher.instance_terms (instance_id, account)
            select * from unnest(:instances::text[], :accounts::text[])
            on conflict (instance_id) do nothing""";

    private static final String KEEP_FROZEN =
            """
            update pusher.instance_terms kept set frozen = t.frozen
              from unnest(:instances::text[], :frozen::boolean[]) as t (instance, frozen)
             where kept.instance_id = t.instance and kept.frozen <> t.frozen
            returning kept.instance_id, kept.frozen""";

    private final JdbcClient jdbc;

    InstanceTerms(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** What a batch of events changes; the last word on an instance counts. */
    static final class Changes {
        private final Map<String, @Nullable String> opened = new LinkedHashMap<>();
        private final Map<String, Boolean> frozen = new LinkedHashMap<>();

        void opened(String instanceId, @Nullable String account) {
            opened.put(instanceId, account);
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
        if (!changes.opened.isEmpty()) {
            jdbc.sql(ADD)
                    .param("instances", changes.opened.keySet().toArray(String[]::new))
                    .param("accounts", changes.opened.values().toArray(String[]::new))
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
}
