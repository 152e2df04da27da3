package io.hourledger.benchmarks.ledger;

import io.hourledger.benchmarks.process.Parent;
import io.hourledger.ledger.projection.LedgerProjections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.springframework.jdbc.core.JdbcTemplate;

/** Drops what the projections keep and rebuilds it from the first event, by the product's own projections. */
public final class ReplayProcess {

    private static final List<String> PROJECTIONS = List.of("instance", "metered_hour", "usage_record");

    private ReplayProcess() {}

    /** Takes the database's address, user and password. */
    public static void main(String[] arguments) {
        Parent.whenItEnds(() -> {});
        try (LedgerInProcess house = new LedgerInProcess(arguments[0], arguments[1], arguments[2])) {
            JdbcTemplate jdbc = house.jdbc();
            long events = count(jdbc, "event");
            for (String projection : PROJECTIONS) {
                jdbc.execute("truncate ledger." + projection);
            }
            jdbc.update("delete from ledger.reader where name = ?", LedgerProjections.READER);

            LedgerProjections projections = house.bean(LedgerProjections.class);
            long startedAt = System.nanoTime();
            projections.start();
            while (!projections.caughtUp()) {
                // elapsed time: a look a hundred times a second
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
            double seconds = (System.nanoTime() - startedAt) / 1e9;

            Map<String, Object> result = new LinkedHashMap<>();
            result.put("ledger_events", events);
            result.put("seconds", seconds);
            result.put("replay_eps", events / seconds);
            for (String projection : PROJECTIONS) {
                result.put("rows_of_" + projection, count(jdbc, projection));
            }
            Parent.result(result);
        }
    }

    private static long count(JdbcTemplate jdbc, String table) {
        Long count = jdbc.queryForObject("select count(*) from ledger." + table, Long.class);
        return count == null ? 0 : count;
    }
}
