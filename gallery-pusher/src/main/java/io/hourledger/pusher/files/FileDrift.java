package io.hourledger.pusher.files;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;

/** How far the newest files of the seller console are from the ledger, as a metric. */
public final class FileDrift {

    private static final String DIFFERING = "push.file.differing";

    /** A bill is compared anew as a whole; of rejected records, each file says something else. What a person accepted counts no more. */
    private static final String NEWEST =
            """
            select coalesce(sum(differing), 0)
              from (select distinct on (month, account, case when kind = 'rejected' then digest end) differing, accepted_at
                      from pusher.marketplace_file
                     where kind = :kind
                     order by month, account, case when kind = 'rejected' then digest end, id desc) newest
             where accepted_at is null""";

    private final JdbcClient jdbc;
    private volatile Map<FileKind, Long> differing = Map.of();

    public FileDrift(JdbcClient jdbc, MeterRegistry registry) {
        this.jdbc = jdbc;
        for (FileKind kind : FileKind.values()) {
            Gauge.builder(DIFFERING, this, drift -> drift.differing(kind))
                    .description(
                            "records in which the newest files of the seller console and the ledger differ, so that a"
                                    + " person must look")
                    .tag("kind", kind.label())
                    .register(registry);
        }
    }

    private double differing(FileKind kind) {
        Long seen = differing.get(kind);
        return seen == null ? Double.NaN : seen;
    }

    /** Reads it anew. */
    public void look() {
        Map<FileKind, Long> now = new EnumMap<>(FileKind.class);
        for (FileKind kind : FileKind.values()) {
            now.put(
                    kind,
                    jdbc.sql(NEWEST)
                            .param("kind", kind.label())
                            .query(Long.class)
                            .single());
        }
        differing = Map.copyOf(now);
    }
}
