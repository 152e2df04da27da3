package io.hourledger.ledger.projection;

import io.hourledger.ledger.instance.WithholdReason;
import io.hourledger.ledger.store.IndexScansOnly;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Knows how much metered usage is withheld and waits for a person: it is in no usage record, and was neither billed later nor written off.
 * Looked up now and then by a thread of its own. When the database does not answer, the figures are the last known, and {@link #LOOK_AGE} grows.
 *
 * <p>Usage that is withheld for good by its product or order is none of it: nobody has anything to decide there.
 */
public final class WithheldUsage implements AutoCloseable {

    static final String HOURS = "ledger.withheld.hours";
    static final String OLDEST_AGE = "ledger.withheld.oldest.age";
    static final String AMOUNT = "ledger.withheld.amount";
    static final String LOOK_AGE = "ledger.withheld.look.age";

    private static final long LOOK_EVERY_SECONDS = 15;
    private static final String REASON = "reason";

    /** Told of in the series from the start. */
    static final List<String> REASONS = List.of(
            WithholdReason.BEFORE_OPENED,
            WithholdReason.AFTER_RELEASE,
            WithholdReason.MIXED_HOUR,
            WithholdReason.FROZEN,
            WithholdReason.EXPIRED,
            WithholdReason.OUTSIDE_LIFE,
            WithholdReason.LIFE_FORGOTTEN,
            WithholdReason.TOO_OLD,
            WithholdReason.PACKAGE_USED_UP,
            WithholdReason.NO_PACKAGE,
            WithholdReason.NO_WHOLE_SECOND,
            WithholdReason.LATE_WINDOW,
            WithholdReason.NO_WINDOW_LEFT,
            WithholdReason.VOLUME_PRICING,
            WithholdReason.CREDIT_OF_ANOTHER_PRODUCT,
            WithholdReason.CREDIT_OF_ANOTHER_SYSTEM,
            WithholdReason.TOO_MANY_CREDITS);

    private static final Logger log = LoggerFactory.getLogger(WithheldUsage.class);

    /** The partial index holds what is open and nothing else, so a look costs nothing for what was settled. */
    private static final String OPEN =
            """
            select reason, open.meter, coalesce(account, '') as account, count(*) as hours, min(hour) as oldest,
                   sum(amount) as amount
              from (select reason, within.*
                      from unnest(?::text[]) as reason
                     cross join lateral (
                           select instance_id, meter, hour, withheld - withheld_non_billable as amount
                             from ledger.metered_hour
                            where withheld_reason = reason and withheld <> withheld_non_billable
                            order by hour
                            limit 10000) as within
                    union all
                    select ?, outside.*
                      from (select instance_id, meter, hour, withheld_non_billable
                              from ledger.metered_hour
                             where withheld_non_billable <> 0
                             order by hour
                             limit 10000) as outside) as open
              left join lateral (select account from ledger.instance
                                  where instance.instance_id = open.instance_id limit 1) as ordered on true
             group by reason, open.meter, coalesce(account, '')
             order by reason, open.meter, coalesce(account, '')
            """;

    private final DataSource database;
    private final Clock businessTime;
    private final MultiGauge amounts;
    private final ScheduledExecutorService timer;
    private volatile List<Open> open = List.of();
    private volatile boolean seen;
    private volatile long lookedNanos = System.nanoTime();

    /**
     * What waits for one reason, of one meter, of the instances of one seller account.
     *
     * @param account empty for instances without a marketplace
     * @param hours at most 10,000 of a reason are counted, the oldest ones
     * @param oldest the oldest of these hours
     * @param amount in the unit of the meter; a late credit is below zero
     */
    public record Open(String reason, String meter, String account, long hours, Instant oldest, BigDecimal amount) {}

    public WithheldUsage(DataSource database, Clock businessTime, MeterRegistry registry) {
        this.database = database;
        this.businessTime = businessTime;
        this.amounts = MultiGauge.builder(AMOUNT)
                .description("metered usage that is withheld and waits for a person, in the unit of its meter")
                .register(registry);
        Gauge.builder(LOOK_AGE, () -> (System.nanoTime() - lookedNanos) / 1e9)
                .description("machine time since withheld usage was looked up last, or since the start")
                .baseUnit("seconds")
                .register(registry);
        for (String reason : REASONS) {
            Gauge.builder(HOURS, () -> hours(reason))
                    .description("hours of an instance with usage that is withheld and waits for a person")
                    .tag(REASON, reason)
                    .register(registry);
            Gauge.builder(OLDEST_AGE, () -> oldestAge(reason))
                    .description("business time since the oldest of these hours began; 0 if there is none")
                    .baseUnit("seconds")
                    .tag(REASON, reason)
                    .register(registry);
        }
        this.timer = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "withheld-usage");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Looks every {@value #LOOK_EVERY_SECONDS} seconds from now on. */
    public void start() {
        var unused = timer.scheduleWithFixedDelay(this::lookOrTryAgain, 0, LOOK_EVERY_SECONDS, TimeUnit.SECONDS);
    }

    /** What waits, as last seen. */
    public List<Open> open() {
        return open;
    }

    /** What waits now, by reason, meter and account. It reads at most 10,000 hours of a reason. */
    public static List<Open> openIn(DataSource database) {
        return IndexScansOnly.in(database, () -> new JdbcTemplate(database)
                .query(
                        OPEN,
                        (row, number) -> new Open(
                                row.getString("reason"),
                                row.getString("meter"),
                                row.getString("account"),
                                row.getLong("hours"),
                                row.getObject("oldest", OffsetDateTime.class).toInstant(),
                                row.getBigDecimal("amount")),
                        REASONS.toArray(String[]::new),
                        WithholdReason.OUTSIDE_LIFE));
    }

    private void lookOrTryAgain() {
        try {
            look();
        } catch (Throwable failed) { // an Error would cancel all looks to come without a word
            log.atDebug().setCause(failed).log("it is not known how much usage is withheld");
        }
    }

    void look() {
        long beganNanos = System.nanoTime();
        List<Open> now = openIn(database);
        amounts.register(
                now.stream()
                        .map(one -> MultiGauge.Row.of(
                                Tags.of(REASON, one.reason, "meter", one.meter, "account", one.account), one.amount))
                        .toList(),
                true);
        open = now;
        lookedNanos = beganNanos;
        seen = true;
    }

    private double hours(String reason) {
        return seen
                ? open.stream()
                        .filter(one -> one.reason.equals(reason))
                        .mapToLong(Open::hours)
                        .sum()
                : Double.NaN;
    }

    private double oldestAge(String reason) {
        return seen
                ? open.stream()
                        .filter(one -> one.reason.equals(reason))
                        .map(one -> Duration.between(one.oldest, businessTime.instant()))
                        .mapToDouble(age -> age.toMillis() / 1000.0)
                        .max()
                        .orElse(0)
                : Double.NaN;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
