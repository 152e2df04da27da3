package io.hourledger.cli.ledger;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;

/** Reads where hours end in the usage log, and which log that is. */
final class Cutoffs {

    /** An hour without a row of its own ends where the next hour with one does, and so does a later revision: behind its last event. */
    private static final String CUTOFF =
            """
            select cutoff
            from aggregator.hour_cutoff
            where partition = ? and hour >= ? and cutoff > ?
            order by hour
            limit 1
            """;

    private final JdbcTemplate jdbc;

    Cutoffs(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Empty if usage was not counted into this database. */
    Optional<Map<String, Object>> log() {
        Boolean there = jdbc.queryForObject("select to_regclass('aggregator.log_identity') is not null", Boolean.class);
        if (!Boolean.TRUE.equals(there)) {
            return Optional.empty();
        }
        return jdbc
                .query("select topic, topic_id, partitions from aggregator.log_identity", (row, number) -> {
                    Map<String, Object> log = new LinkedHashMap<>();
                    log.put("topic", row.getString(1));
                    log.put("topicId", row.getString(2));
                    log.put("partitions", row.getInt(3));
                    return log;
                })
                .stream()
                .findFirst();
    }

    /** The first offset behind the hour. */
    Optional<Long> of(int partition, Instant hour, long lastOffset) {
        List<Long> found = jdbc.queryForList(CUTOFF, Long.class, partition, hour.atOffset(ZoneOffset.UTC), lastOffset);
        return found.stream().findFirst();
    }
}
