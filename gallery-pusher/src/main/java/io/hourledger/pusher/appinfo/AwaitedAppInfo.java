package io.hourledger.pusher.appinfo;

import io.hourledger.pusher.appinfo.AppInfoTemplate.Subject;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps which new instances wait for their app's word, since when, and what ended that. */
final class AwaitedAppInfo {

    private final JdbcClient jdbc;
    private final Duration templateAfter;

    /**
     * @param templateAfter how long an instance waits
     */
    AwaitedAppInfo(JdbcClient jdbc, Duration templateAfter) {
        this.jdbc = jdbc;
        this.templateAfter = templateAfter;
    }

    /** It waits from its first call on, unless it has waited before, or its app has spoken already. */
    void begin(Subject subject, Instant firstCalledAt) {
        jdbc.sql(
                        """
                        insert into pusher.awaited_app_info (instance_id, product_id, since)
                        select :instance, :product, :since
                         where not exists (select from pusher.app_info where instance_id = :instance)
                        on conflict (instance_id) do nothing""")
                .param("instance", subject.instanceId())
                .param("product", subject.productId())
                .param("since", utc(firstCalledAt))
                .update();
    }

    /** Those of these that wait. */
    Set<String> waiting(Collection<String> instanceIds, Instant now) {
        return new HashSet<>(jdbc.sql(
                        """
                        select instance_id from pusher.awaited_app_info
                         where instance_id = any (:ids) and ended_at is null and since > :newest""")
                .param("ids", instanceIds.toArray(String[]::new))
                .param("newest", utc(now.minus(templateAfter)))
                .query(String.class)
                .list());
    }

    void endedByApp(String instanceId, Instant now) {
        jdbc.sql(
                        """
                        update pusher.awaited_app_info set ended_at = :now, ended_by = 'app'
                         where instance_id = :instance and ended_at is null""")
                .param("instance", instanceId)
                .param("now", utc(now))
                .update();
    }

    /** Ends what has waited long enough, and what its app spoke of in the moment in which it began to wait. How many that were. */
    int endOverdue(Instant now, int most) {
        return jdbc.sql(
                        """
                        update pusher.awaited_app_info a
                           set ended_at = :now,
                               ended_by = case when exists (select from pusher.app_info i where i.instance_id = a.instance_id)
                                               then 'app' else 'template' end
                         where a.ended_at is null
                           and a.instance_id = any (array(
                               select o.instance_id from pusher.awaited_app_info o
                                where o.ended_at is null
                                  and (o.since <= :newest
                                       or exists (select from pusher.app_info i where i.instance_id = o.instance_id))
                                order by o.since limit :most))""")
                .param("now", utc(now))
                .param("newest", utc(now.minus(templateAfter)))
                .param("most", most)
                .update();
    }

    long count() {
        return jdbc.sql("select count(*) from pusher.awaited_app_info where ended_at is null")
                .query(Long.class)
                .single();
    }

    /** Since when the one waits that has waited longest; empty if none does. */
    Optional<Instant> oldest() {
        return jdbc.sql("select since from pusher.awaited_app_info where ended_at is null order by since limit 1")
                .query(OffsetDateTime.class)
                .optional()
                .map(OffsetDateTime::toInstant);
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
