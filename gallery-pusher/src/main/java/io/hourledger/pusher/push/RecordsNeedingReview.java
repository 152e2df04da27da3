package io.hourledger.pusher.push;

import java.time.OffsetDateTime;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The records that wait for a person. */
public final class RecordsNeedingReview {

    private final JdbcClient jdbc;

    RecordsNeedingReview(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * One of them.
     *
     * @param state refused, unknown, disputed, or contradicted = the ledger would not take the outcome
     * @param code the marketplace's code or the ledger's rule; empty if there is none
     */
    public record RecordNeedingReview(
            String meteringSn, String instanceId, String state, String code, String detail, String since) {}

    public List<RecordNeedingReview> oldest(int most) {
        return jdbc.sql(
                        """
                        select metering_sn, instance_id, state, code, detail, since from pusher.record_needing_review
                         order by since, metering_sn limit :most""")
                .param("most", most)
                .query((row, n) -> new RecordNeedingReview(
                        row.getString("metering_sn"),
                        row.getString("instance_id"),
                        row.getString("state"),
                        row.getString("code"),
                        row.getString("detail"),
                        row.getObject("since", OffsetDateTime.class).toInstant().toString()))
                .list();
    }
}
