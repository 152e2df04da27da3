package io.hourledger.ledger.statement;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/** Reads which issued usage records no pusher has taken over yet, by hour and billing cycle, the oldest hours first. */
public final class OutboxHours {

    /** So many records of each seller account are counted, the oldest ones: in a quiet night there are none. */
    public static final int MOST = 10_000;

    private static final Duration FIRST_DEADLINE = Duration.ofMinutes(75);
    private static final Duration LAST_DEADLINE = Duration.ofHours(3);

    private static final String WAITING =
            """
            with recursive known as (
                (select account from ledger.outbox order by account limit 1)
                union all
                select (select account from ledger.outbox where account > known.account order by account limit 1)
                from known where known.account is not null)
            select oldest.hour, oldest.billing_cycle, count(*) as records
            from known
            cross join lateral (select hour, billing_cycle from ledger.outbox where account = known.account
                                order by hour, metering_sn limit %d) oldest
            group by hour, billing_cycle
            order by hour, billing_cycle
            """
                    .formatted(MOST);

    private final Reading reading;

    public OutboxHours(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.reading = new Reading(jdbc, transactions);
    }

    /** Records of one hour that wait to be taken over. */
    public record Waiting(Instant hour, String billingCycle, long records) {

        /** When they should have been reported: 15 minutes after the hour. */
        public Instant firstDeadline() {
            return hour.plus(FIRST_DEADLINE);
        }

        /** The latest that the marketplace allows for an hourly billing cycle: two hours after the hour. */
        public Instant lastDeadline() {
            return hour.plus(LAST_DEADLINE);
        }
    }

    public List<Waiting> read() {
        List<Waiting> waiting = new ArrayList<>();
        reading.stream(
                WAITING,
                List.of(),
                row -> waiting.add(new Waiting(
                        Objects.requireNonNull(Reading.moment(row, "hour")),
                        row.getString("billing_cycle"),
                        row.getLong("records"))));
        return waiting;
    }
}
