package io.hourledger.benchmarks.ledger;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;

/** What tables and indexes take on disk, by name. */
final class TableSizes {

    private static final String SIZES =
            """
            select n.nspname || '.' || c.relname as name, c.relkind = 'i' as index,
                case c.relkind when 'i' then pg_relation_size(c.oid) else pg_table_size(c.oid) end as bytes
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where n.nspname in ('ledger', 'pusher', 'aggregator') and c.relkind in ('r', 'm', 'i')
            order by bytes desc, name""";

    /** Below this share of the whole, a table or index is not named. */
    private static final double NAMED_FROM = 0.002;

    private final JdbcTemplate jdbc;

    TableSizes(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Bytes of the ledger and the pusher together, the aggregator's apart, and each table and index that counts. */
    Map<String, Object> perInstanceHour(long instanceHours) {
        Map<String, Double> each = new LinkedHashMap<>();
        long[] whole = {0, 0};
        jdbc.query(SIZES, row -> {
            boolean aggregator = row.getString("name").startsWith("aggregator.");
            whole[aggregator ? 1 : 0] += row.getLong("bytes");
            each.put(row.getString("name") + (row.getBoolean("index") ? " (index)" : ""), row.getDouble("bytes"));
        });
        each.values().removeIf(bytes -> bytes < whole[0] * NAMED_FROM);
        each.replaceAll((name, bytes) -> Math.round(10.0 * bytes / instanceHours) / 10.0);
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put("bytes", whole[0]);
        sizes.put("bytes_of_aggregator", whole[1]);
        sizes.put("bytes_per_instance_hour", (double) whole[0] / instanceHours);
        sizes.put("bytes_per_instance_hour_by_table_and_index", each);
        return sizes;
    }
}
