package io.hourledger.pusher.notice;

import io.hourledger.contracts.instance.DecidedBy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** The notices that endpoints did not take in time, for a person who sends them again. */
public final class DeadLetters {

    private static final String LIST =
            """
            select dead.endpoint, notice.id, notice.instance_id, notice.type, dead.given_up_at, dead.tries, dead.last_error,
                   dead.resent_at, dead.resent_by, dead.why
              from pusher.notice_dead_letter dead
              join pusher.notice on notice.position = dead.position
             where (dead.resent_at is null or :all)
               and (cast(:endpoint as text) is null or dead.endpoint = :endpoint)
               and (cast(:instance as text) is null or notice.instance_id = :instance)
             order by dead.position, dead.endpoint limit :most""";

    private static final String RESEND =
            """
            update pusher.notice_dead_letter dead
               set resent_at = clock_timestamp(), resent_by = :who, why = :why
              from pusher.notice
             where notice.id = :notice and dead.position = notice.position and dead.endpoint = :endpoint
               and dead.resent_at is null
            returning dead.position, notice.instance_id""";

    private static final String QUEUE =
            """
            insert into pusher.notice_queue (endpoint, instance_id, resend_of, position)
            values (:endpoint, :instance, :position, :position)
            on conflict (endpoint, instance_id, resend_of) do nothing""";

    private static final String WAITING =
            """
            select queue.endpoint, count(*), min(notice.recorded_at), failing.failing_since
              from pusher.notice_queue queue
              join pusher.notice on notice.position = queue.position
              left join pusher.notice_endpoint failing on failing.endpoint = queue.endpoint
             group by queue.endpoint, failing.failing_since order by queue.endpoint""";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;

    public DeadLetters(JdbcClient jdbc, TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.transaction = transaction;
    }

    /**
     * One of them.
     *
     * @param noticeId stands in the notice and in {@code webhook-id}
     * @param resent null while nobody has sent it again
     */
    public record DeadLetter(
            String endpoint,
            String noticeId,
            String instanceId,
            String type,
            GivenUp givenUp,
            @Nullable Resent resent) {}

    /** When a notice became a dead letter, after how many tries, and what came of the last one. */
    public record GivenUp(Instant at, int tries, String lastError) {}

    /** Who sent a dead letter again, and why. */
    public record Resent(Instant at, DecidedBy by) {}

    /**
     * What waits for an endpoint, also for one that is in the settings no more.
     *
     * @param instances how many instances have a notice that waits
     * @param oldestSince since when the oldest of them stands in the ledger's notices
     * @param failingSince since when the endpoint takes nothing; null if it does
     */
    public record Waiting(String endpoint, long instances, Instant oldestSince, @Nullable Instant failingSince) {}

    /**
     * The oldest of them.
     *
     * @param endpoint null for all
     * @param instanceId null for all
     * @param all also those that were sent again
     */
    public List<DeadLetter> oldest(@Nullable String endpoint, @Nullable String instanceId, boolean all, int most) {
        return jdbc.sql(LIST)
                .param("endpoint", endpoint, Types.VARCHAR)
                .param("instance", instanceId, Types.VARCHAR)
                .param("all", all)
                .param("most", most)
                .query((row, n) -> deadLetter(row))
                .list();
    }

    private static DeadLetter deadLetter(ResultSet row) throws SQLException {
        OffsetDateTime resentAt = row.getObject(8, OffsetDateTime.class);
        return new DeadLetter(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                new GivenUp(row.getObject(5, OffsetDateTime.class).toInstant(), row.getInt(6), row.getString(7)),
                resentAt == null
                        ? null
                        : new Resent(resentAt.toInstant(), new DecidedBy(row.getString(9), row.getString(10))));
    }

    /** For each endpoint that something waits for. */
    public List<Waiting> waiting() {
        return jdbc.sql(WAITING)
                .query((row, n) -> {
                    OffsetDateTime failingSince = row.getObject(4, OffsetDateTime.class);
                    return new Waiting(
                            row.getString(1),
                            row.getLong(2),
                            row.getObject(3, OffsetDateTime.class).toInstant(),
                            failingSince == null ? null : failingSince.toInstant());
                })
                .list();
    }

    /**
     * Sends a dead letter again, beside what waits for the endpoint, with the same id and the same bytes.
     *
     * @return false if there is no such dead letter, or somebody has sent it again
     */
    public boolean resend(String endpoint, String noticeId, DecidedBy by) {
        return Boolean.TRUE.equals(transaction.execute(tx -> jdbc.sql(RESEND)
                .param("endpoint", endpoint)
                .param("notice", noticeId)
                .param("who", by.who())
                .param("why", by.why())
                .query((row, n) -> queued(endpoint, row.getLong(1), row.getString(2)))
                .optional()
                .isPresent()));
    }

    private String queued(String endpoint, long position, String instanceId) {
        jdbc.sql(QUEUE)
                .param("endpoint", endpoint)
                .param("instance", instanceId)
                .param("position", position)
                .update();
        return instanceId;
    }
}
