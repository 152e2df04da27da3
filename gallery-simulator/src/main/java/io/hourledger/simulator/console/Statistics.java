package io.hourledger.simulator.console;

import io.hourledger.simulator.settings.RunTimeSettings;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What the simulator counted; always read from what it kept, so a restart loses none. */
@Component
final class Statistics {

    private static final String CALLS =
            "select code, http_status, count(*) as calls from gallery.usage_call group by code, http_status";
    private static final String FAULTS =
            "select fault, count(*) as calls from gallery.usage_call where fault is not null group by fault";
    private static final String RECORDS =
            """
            select count(*) as kept,
                   count(*) filter (where state = 'ACCEPTED') as accepted,
                   count(*) filter (where state = 'ACCEPTED' and rejected_later_at <= :now) as rejected_later,
                   count(*) filter (where repeats) as repeats,
                   count(*) filter (where code = '010' and not repeats and state = 'REJECTED') as same_window,
                   count(*) filter (where code = '005') as same_sn
              from gallery.usage_record""";
    private static final String REJECTED =
            """
            select code, count(*) as records from gallery.usage_record where state = 'REJECTED' group by code""";
    private static final String TIMELINESS =
            """
            select count(*) filter (where lag <= interval '15 minutes') as in_time,
                   count(*) as accepted,
                   extract(epoch from max(lag)) as latest
              from (select received_at - (date_trunc('hour', begin_at, 'UTC') + interval '1 hour') as lag
                      from gallery.usage_record
                     where state = 'ACCEPTED') as lags""";

    private final JdbcClient database;
    private final RunTimeSettings runTime;
    private final Clock business;

    Statistics(JdbcClient database, RunTimeSettings runTime, Clock business) {
        this.database = database;
        this.runTime = runTime;
        this.business = business;
    }

    /** All of it. */
    record Figures(Calls calls, Records records, Rate rate, Timeliness timeliness, Map<String, Long> faults) {}

    /**
     * @param byCode calls by the code that they were answered with; {@code none} where the answer had no body of ours
     * @param byStatus calls by HTTP status
     */
    record Calls(long total, Map<String, Long> byCode, Map<String, Long> byStatus) {}

    /**
     * @param stored all that were stored, accepted or not
     * @param accepted that were accepted when they came
     * @param rejectedLater of those, the ones that show as rejected by now
     * @param rejected by code
     */
    record Records(long stored, long accepted, long rejectedLater, Map<String, Long> rejected, Duplicates duplicates) {}

    /**
     * @param identical repeats of an accepted record, the same in every field
     * @param sameWindow other records for an accepted window
     * @param sameMeteringSn records that say something else under a known metering_sn
     */
    record Duplicates(long identical, long sameWindow, long sameMeteringSn) {}

    record Rate(int callsPerSecond, long violations, long retryAfterViolations) {}

    /**
     * @param acceptedByMinute15 accepted records that came at most 15 minutes after the hour of their window
     * @param share of all accepted ones; 1 when there is none
     * @param latestLagSeconds the longest time between the end of a record's hour and its acceptance; null when there is none
     */
    record Timeliness(long accepted, long acceptedByMinute15, double share, @Nullable Double latestLagSeconds) {}

    Figures figures() {
        Map<String, Long> faults = counts(FAULTS, "fault", "calls");
        long rateViolations = removed(faults, "rate-violation");
        long retryAfterViolations = removed(faults, "retry-after-violation");
        return new Figures(
                calls(),
                records(),
                new Rate(runTime.now().callsPerSecond(), rateViolations, retryAfterViolations),
                timeliness(),
                faults);
    }

    private static long removed(Map<String, Long> counts, String key) {
        Long count = counts.remove(key);
        return count == null ? 0 : count;
    }

    private Calls calls() {
        Map<String, Long> byCode = new TreeMap<>();
        Map<String, Long> byStatus = new TreeMap<>();
        database.sql(CALLS).query(row -> {
            long calls = row.getLong("calls");
            byCode.merge(row.getString("code"), calls, Long::sum);
            byStatus.merge(row.getString("http_status"), calls, Long::sum);
        });
        long total = byStatus.values().stream().mapToLong(Long::longValue).sum();
        return new Calls(total, byCode, byStatus);
    }

    private Records records() {
        Map<String, Long> rejected = counts(REJECTED, "code", "records");
        return database.sql(RECORDS)
                .param("now", business.instant().atOffset(ZoneOffset.UTC))
                .query((row, number) -> new Records(
                        row.getLong("kept"),
                        row.getLong("accepted"),
                        row.getLong("rejected_later"),
                        rejected,
                        new Duplicates(row.getLong("repeats"), row.getLong("same_window"), row.getLong("same_sn"))))
                .single();
    }

    private Timeliness timeliness() {
        return database.sql(TIMELINESS)
                .query((row, number) -> {
                    long accepted = row.getLong("accepted");
                    long inTime = row.getLong("in_time");
                    double share = accepted == 0 ? 1 : (double) inTime / accepted;
                    return new Timeliness(accepted, inTime, share, accepted == 0 ? null : row.getDouble("latest"));
                })
                .single();
    }

    private Map<String, Long> counts(String sql, String key, String count) {
        Map<String, Long> counts = new TreeMap<>();
        database.sql(sql).query(row -> {
            counts.put(row.getString(key), row.getLong(count));
        });
        return counts;
    }
}
