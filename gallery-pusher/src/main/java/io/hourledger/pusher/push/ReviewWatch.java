package io.hourledger.pusher.push;

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
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Looks from time to time at the records of a seller account that wait for a person: how many there are, since when, and how much they say.
 * Each state stands apart, since an unknown record may be billed already and a refused one is not.
 */
final class ReviewWatch {

    /** Told of from the start. */
    static final List<String> STATES = List.of("refused", "unknown", "disputed", "contradicted");

    private static final String STATE = "state";

    /** A record that the projection does not have yet is told of without a meter, and without an amount if it has none itself. */
    private static final String LOOK =
            """
            select review.state, coalesce(metered.meter, '') as meter, count(*) as records, min(review.since) as oldest,
                   coalesce(sum(coalesce(review.amount, record.amount)), 0) as amount
              from (select metering_sn, state, since, amount from pusher.record_needing_review
                     where account = :account order by metering_sn limit 10000) review
              left join lateral (select instance_id, hour, revision, amount from ledger.usage_record
                                  where metering_sn = review.metering_sn limit 1) record on true
              left join lateral (select meter from ledger.metered_hour
                                  where instance_id = record.instance_id and hour = record.hour
                                    and revision = record.revision limit 1) metered on true
             group by 1, 2""";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock businessTime;
    private final String account;
    private final MultiGauge amounts;
    private volatile @Nullable List<Waiting> seen;

    /**
     * What waits in one state, of one meter.
     *
     * @param meter empty if it is not known
     * @param records at most 10,000 of an account are counted
     * @param oldest when the first of them came to be so, in business time
     * @param amount in the unit of the meter
     */
    private record Waiting(String state, String meter, long records, Instant oldest, BigDecimal amount) {}

    ReviewWatch(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock businessTime,
            String account,
            MeterRegistry registry) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.businessTime = businessTime;
        this.account = account;
        this.amounts = MultiGauge.builder(PushMetrics.REVIEW_AMOUNT)
                .description("what the records say that only a person can settle, in the unit of their meter")
                .register(registry);
        for (String state : STATES) {
            Gauge.builder(PushMetrics.RECORDS_NEEDING_REVIEW, () -> of(state, ReviewWatch::count))
                    .description("records that only a person can settle; at most 10,000 are counted")
                    .tag(STATE, state)
                    .register(registry);
            Gauge.builder(PushMetrics.REVIEW_OLDEST_AGE, () -> of(state, this::oldestAge))
                    .description("business time since the first of them waits for a person; 0 if there is none")
                    .baseUnit("seconds")
                    .tag(STATE, state)
                    .register(registry);
        }
    }

    void look() {
        List<Waiting> now = Objects.requireNonNull(transaction.execute(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            return jdbc.sql(LOOK)
                    .param("account", account)
                    .query((row, n) -> new Waiting(
                            row.getString("state"),
                            row.getString("meter"),
                            row.getLong("records"),
                            row.getObject("oldest", OffsetDateTime.class).toInstant(),
                            row.getBigDecimal("amount")))
                    .list();
        }));
        amounts.register(
                now.stream()
                        .map(one -> MultiGauge.Row.of(Tags.of(STATE, one.state, "meter", one.meter), one.amount))
                        .toList(),
                true);
        seen = now;
    }

    /** All of them, as last seen; 0 before the first look. */
    long records() {
        List<Waiting> last = seen;
        return last == null ? 0 : last.stream().mapToLong(Waiting::records).sum();
    }

    private double of(String state, ToDoubleFunction<Stream<Waiting>> figure) {
        List<Waiting> last = seen;
        return last == null ? Double.NaN : figure.applyAsDouble(last.stream().filter(one -> one.state.equals(state)));
    }

    private static double count(Stream<Waiting> waiting) {
        return waiting.mapToLong(Waiting::records).sum();
    }

    private double oldestAge(Stream<Waiting> waiting) {
        return waiting.mapToDouble(one ->
                        Duration.between(one.oldest, businessTime.instant()).toMillis() / 1000.0)
                .reduce(0, Math::max);
    }
}
