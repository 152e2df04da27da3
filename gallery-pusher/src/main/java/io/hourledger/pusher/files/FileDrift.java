package io.hourledger.pusher.files;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;

/** How far the newest files of the seller console are from the ledger, as a metric. */
public final class FileDrift {

    private static final String DIFFERING = "push.file.differing";

    /** Per month, since a bill that was settled says nothing of the month before. */
    private static final String NEWEST =
            """
            select coalesce(sum(differing), 0)
              from (select distinct on (month) differing from pusher.marketplace_file
                     where kind = :kind order by month, id desc) newest""";

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
