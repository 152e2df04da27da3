package io.hourledger.pusher.push;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Usage records that are issued and never sent, since another system reports their hours. An account in shadow has only such. When a person
 * says from which hour on we report, those of earlier hours are written off in that person's name, and the others are sent. Late usage of an
 * earlier hour stays the other system's, too, whenever it comes.
 */
public final class ShadowRecords {

    private static final String SINCE =
            "select reports_from, live_at, live_by, live_why from ledger.seller_account where account = :account";

    /** So that nobody goes live between this look and the end of the caller's transaction. */
    private static final String LOCKED_START =
            "select reports_from from ledger.seller_account where account = :account for share";

    /** Only an account in shadow goes live, once; and only if what it has sent before is known. */
    private static final String GO_LIVE =
            """
            update ledger.seller_account
               set reports_from = :from, live_at = :at, live_by = :who, live_why = :why
             where account = :account and reports_from = 'infinity'
               and not exists (select from pusher.push_suspension where resumed_at is null)""";

    private static final String BY_HOUR =
            """
            select hour, count(*) as records, count(distinct instance_id) as instances
              from pusher.shadow_record
             where account = :account
             group by hour
             order by hour desc
             limit :most""";

    private static final String PARTED =
            """
            select count(*) filter (where hour < :from) as earlier, count(*) filter (where hour >= :from) as ours,
                   count(*) filter (where hour >= :from and deadline < :now) as late,
                   count(*) filter (where hour >= :from and begin_at < :oldest) as too_old
              from pusher.shadow_record
             where account = :account""";

    private final JdbcClient jdbc;
    private final String account;

    /** Those of a seller account. */
    public ShadowRecords(JdbcClient jdbc, String account) {
        this.account = account;
        this.jdbc = jdbc;
    }

    /**
     * From when on usage is reported.
     *
     * @param from the first usage hour; null while the account is in shadow
     * @param liveBy who ended the shadow; null if nobody did, or if there was none
     */
    public record Standing(@Nullable Instant from, @Nullable DecidedBy liveBy) {

        public boolean isInShadow() {
            return from == null;
        }

        boolean reportsAt(Instant moment) {
            return from != null && !moment.isBefore(from);
        }
    }

    /**
     * The records of an hour.
     *
     * @param instances how many instances have some
     */
    public record HourInShadow(Instant hour, long records, long instances) {}

    /**
     * What would become of the records.
     *
     * @param earlier of hours that another system reports: written off
     * @param ours sent
     * @param late of these, how many the marketplace would collect too late for their hour
     * @param tooOld of these, how many it takes no more
     */
    public record Parted(long earlier, long ours, long late, long tooOld) {}

    /** Empty as long as this database does not know the account. */
    public Optional<Standing> standing() {
        return jdbc.sql(SINCE)
                .param("account", account)
                .query((row, number) -> {
                    OffsetDateTime from = row.getObject("reports_from", OffsetDateTime.class);
                    String who = row.getString("live_by");
                    return new Standing(
                            from.equals(OffsetDateTime.MAX) ? null : instant(from),
                            who == null ? null : new DecidedBy(who, row.getString("live_why")));
                })
                .optional();
    }

    /** The newest hours first. */
    public List<HourInShadow> byHour(int most) {
        return jdbc.sql(BY_HOUR)
                .param("account", account)
                .param("most", most)
                .query((row, number) -> new HourInShadow(
                        row.getObject("hour", OffsetDateTime.class).toInstant(),
                        row.getLong("records"),
                        row.getLong("instances")))
                .list();
    }

    /** What would become of the records that there are. */
    public Parted parted(UsageHour from, Instant now, Duration ageLimit) {
        return jdbc.sql(PARTED)
                .param("account", account)
                .param("from", utc(from.start()))
                .param("now", utc(now))
                .param("oldest", utc(now.minus(ageLimit)))
                .query((row, number) -> new Parted(
                        row.getLong("earlier"), row.getLong("ours"), row.getLong("late"), row.getLong("too_old")))
                .single();
    }

    /**
     * Ends the shadow. The pusher does the rest within seconds.
     *
     * @param from the first usage hour that is ours to report
     * @return false if the account is not in shadow, or pushing is suspended
     */
    public boolean goLive(UsageHour from, DecidedBy by, Instant at) {
        return jdbc.sql(GO_LIVE)
                        .param("account", account)
                        .param("from", utc(from.start()))
                        .param("at", utc(at))
                        .param("who", by.who())
                        .param("why", by.why())
                        .update()
                == 1;
    }

    /** The first hour that is reported, and nobody moves it until the caller's transaction ends. */
    OffsetDateTime lockedStart() {
        return jdbc.sql(LOCKED_START)
                .param("account", account)
                .query(OffsetDateTime.class)
                .single();
    }

    /** They have an outcome. */
    void remove(Collection<String> meteringSns) {
        if (!meteringSns.isEmpty()) {
            jdbc.sql("delete from pusher.shadow_record where metering_sn = any (:sns)")
                    .param("sns", meteringSns.toArray(String[]::new))
                    .update();
        }
    }

    private static Instant instant(OffsetDateTime moment) {
        return moment.equals(OffsetDateTime.MIN) ? Instant.MIN : moment.toInstant();
    }

    private static OffsetDateTime utc(Instant moment) {
        return moment.atOffset(ZoneOffset.UTC);
    }
}
