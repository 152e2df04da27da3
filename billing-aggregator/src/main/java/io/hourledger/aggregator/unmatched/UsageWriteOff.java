package io.hourledger.aggregator.unmatched;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.statement.MeteredHours;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Ends usage of closed hours that the ledger does not have: a person says that nobody is billed for it. It stays where it is, as written off, so
 * that all that was consumed is accounted for. Later hours of a blocked instance go on behind it.
 */
public final class UsageWriteOff {

    /** In the order of the hours. */
    private static final String FIND =
            """
            select partition, hour, meter, revision, events - shared_events as events, raw_total, detail
              from aggregator.bucket
             where instance = :subject and state = :state and (:through::timestamptz is null or hour <= :through)
             order by hour, revision, meter""";

    private static final String WRITE_OFF =
            """
            with gone as (
                update aggregator.bucket own
                   set state = 'written-off', detail = 'written off by ' || :who || ': ' || :why, state_at = :at
                 where own.partition = :partition and own.hour = :hour and own.instance = :subject and own.meter = :meter
                   and own.revision = :revision and own.state = :state
             returning own.events - own.shared_events as events, own.raw_total),
            decided as (
                insert into aggregator.usage_write_off
                       (partition, hour, instance, meter, revision, was, events, raw_total, decided_at, decided_by, why)
                select :partition, :hour, :subject, :meter, :revision, :state, events, raw_total, :at, :who, :why
                  from gone
                    on conflict (partition, hour, instance, meter, revision) do nothing)
            insert into aggregator.bucket_total as total (partition, state, buckets, events)
            select :partition, change.state, change.sign, change.sign * gone.events
              from gone
             cross join (values (:state, -1), ('written-off', 1)) as change (state, sign)
                on conflict (partition, state) do update
               set buckets = total.buckets + excluded.buckets, events = total.events + excluded.events""";

    private final JdbcClient database;
    private final MeteredHours ledger;

    public UsageWriteOff(DataSource database) {
        this.database = JdbcClient.create(database);
        this.ledger = new MeteredHours(database);
    }

    /** How usage stands that can be written off. */
    public enum State {
        UNMATCHED,
        REFUSED,
        BLOCKED;

        public String code() {
            return switch (this) {
                case UNMATCHED -> "unmatched";
                case REFUSED -> "refused";
                case BLOCKED -> "blocked";
            };
        }

        /** Empty if none has this code. */
        public static Optional<State> ofCode(String code) {
            return Stream.of(values())
                    .filter(state -> state.code().equals(code))
                    .findFirst();
        }
    }

    /**
     * One meter's usage of the subject in one revision of an hour.
     *
     * @param rawTotal as its events have it, not in the meter's unit
     * @param reason why it is not in the ledger
     * @param isMetered the ledger has it after all, and its bucket says so soon: it cannot be written off
     */
    public record Found(
            int partition,
            UsageHour hour,
            String meter,
            int revision,
            long events,
            BigDecimal rawTotal,
            String reason,
            boolean isMetered) {}

    /**
     * All usage of a subject that stands so, in the order of its hours.
     *
     * @param through the last hour that is meant; null for all
     */
    public List<Found> find(String subject, State state, @Nullable UsageHour through) {
        return database.sql(FIND)
                .param("subject", subject)
                .param("state", state.code())
                .param("through", through == null ? null : through.start().atOffset(ZoneOffset.UTC))
                .query((row, number) -> {
                    UsageHour hour = new UsageHour(
                            row.getObject("hour", OffsetDateTime.class).toInstant());
                    int revision = row.getInt("revision");
                    return new Found(
                            row.getInt("partition"),
                            hour,
                            Objects.requireNonNull(row.getString("meter")),
                            revision,
                            row.getLong("events"),
                            row.getBigDecimal("raw_total"),
                            String.valueOf(row.getString("detail")),
                            ledger.of(new InstanceId(subject), hour, revision).isPresent());
                })
                .list();
    }

    /**
     * Writes it off.
     *
     * @param at business time
     * @return false if it no longer stands so: then nothing has happened
     */
    public boolean writeOff(String subject, State state, Found found, DecidedBy by, Instant at) {
        return database.sql(WRITE_OFF)
                        .param("partition", found.partition())
                        .param("hour", found.hour().start().atOffset(ZoneOffset.UTC))
                        .param("subject", subject)
                        .param("meter", found.meter())
                        .param("revision", found.revision())
                        .param("state", state.code())
                        .param("who", by.who())
                        .param("why", by.why())
                        .param("at", at.atOffset(ZoneOffset.UTC))
                        .update()
                > 0;
    }
}
