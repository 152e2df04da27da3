package io.hourledger.pusher.notice;

import java.time.Duration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Drops notices that were told long ago. */
final class NoticeStorage {

    /** Nothing is dropped while a notice of the same instance waits, or it is a dead letter that nobody has sent again. */
    private static final String DROP_OLD =
            """
            delete from pusher.notice
             where position in (
                   select position from pusher.notice old
                    where recorded_at < statement_timestamp() - make_interval(secs => :seconds)
                      and (not :published or position <= (select published from pusher.notice_topic))
                      and not exists (select from pusher.notice_queue queue where queue.instance_id = old.instance_id)
                      and not exists (select from pusher.notice_dead_letter dead
                                       where dead.position = old.position and dead.resent_at is null)
                    order by recorded_at limit 1000)""";

    private NoticeStorage() {}

    /**
     * Drops what is older than that and was delivered everywhere.
     *
     * @param published whether this installation has a topic, so that what is not on it yet stays
     */
    static void dropOld(JdbcClient jdbc, Duration keep, boolean published) {
        int dropped;
        do {
            dropped = jdbc.sql(DROP_OLD)
                    .param("seconds", keep.toSeconds())
                    .param("published", published)
                    .update();
        } while (dropped > 0);
    }
}
