package io.hourledger.aggregator.unmatched;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.usage.UsageHour;
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

    /** The hour of a bucket is metered by the bucket's own meter: that of another meter of its instance says nothing of it. */
    private static final String IN_LEDGER =
            """
            exists (select
                      from ledger.event metered
                     where metered.instance_id = own.instance and metered.event_type = 'hour-metered'
                       and (metered.payload ->> 'hour') collate "C" = to_char(own.hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                       and (metered.payload ->> 'revision')::int = own.revision and metered.payload ->> 'meter' = own.meter)""";

    /** In the order of the hours. The state is no parameter, so that its index serves. */
    private static final String FIND =
            """
            select partition, hour, meter, revision, events - shared_events as events, raw_total, detail,
                   state <> 'refused' and %1$s as metered
              from aggregator.bucket own
             where instance = :subject and state = '%2$s' and (:through::timestamptz is null or hour <= :through)
             order by hour, revision, meter""";

    private static final String BUCKET =
            """
            own.partition = :partition and own.hour = :hour and own.instance = :subject and own.meter = :meter
                   and own.revision = :revision""";

    /** What is refused is never entered. */
    private static final String WRITE_OFF =
            """
            with gone as (
                update aggregator.bucket own
                   set state = 'written-off', detail = 'written off by ' || :who || ': ' || :why, state_at = :at
                 where %s and own.state = :state and (own.state = 'refused' or not %s)
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
               set buckets = total.buckets + excluded.buckets, events = total.events + excluded.events"""
                    .formatted(BUCKET, IN_LEDGER);

    private static final String TAKE_BACK =
            """
            with metered as (
                update aggregator.bucket own
                   set state = 'metered', state_at = :at, detail = 'entered in the ledger while ' || :who || ' wrote it off'
                 where %s and own.state = 'written-off' and %s
             returning own.events - own.shared_events as events),
            undone as (
                delete from aggregator.usage_write_off own where %s and exists (select from metered))
            insert into aggregator.bucket_total as total (partition, state, buckets, events)
            select :partition, change.state, change.sign, change.sign * metered.events
              from metered
             cross join (values ('written-off', -1), ('metered', 1)) as change (state, sign)
                on conflict (partition, state) do update
               set buckets = total.buckets + excluded.buckets, events = total.events + excluded.events"""
                    .formatted(BUCKET, IN_LEDGER, BUCKET);

    private final JdbcClient database;

    public UsageWriteOff(DataSource database) {
        this.database = JdbcClient.create(database);
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
     * @param isMetered the ledger has it after all, as this meter counted it, and its bucket says so soon: it cannot be written off
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
        return database.sql(FIND.formatted(IN_LEDGER, state.code()))
                .param("subject", subject)
                .param("through", through == null ? null : through.start().atOffset(ZoneOffset.UTC))
                .query((row, number) -> {
                    UsageHour hour = new UsageHour(
                            row.getObject("hour", OffsetDateTime.class).toInstant());
                    return new Found(
                            row.getInt("partition"),
                            hour,
                            Objects.requireNonNull(row.getString("meter")),
                            row.getInt("revision"),
                            row.getLong("events"),
                            row.getBigDecimal("raw_total"),
                            String.valueOf(row.getString("detail")),
                            row.getBoolean("metered"));
                })
                .list();
    }

    /**
     * Writes it off, unless the ledger has it. An owner of its partition may enter it in the same moment, so the ledger is asked once more afterwards. What
     * is entered still later is taken back by the owner that enters it.
     *
     * @param at business time
     * @return false if it no longer stands so, or the ledger has it: then nothing has happened
     */
    public boolean writeOff(String subject, State state, Found found, DecidedBy by, Instant at) {
        boolean isWrittenOff = of(found, subject, by, at, WRITE_OFF)
                        .param("state", state.code())
                        .param("why", by.why())
                        .update()
                > 0;
        return isWrittenOff
                && (state == State.REFUSED
                        || of(found, subject, by, at, TAKE_BACK).update() == 0);
    }

    private JdbcClient.StatementSpec of(Found found, String subject, DecidedBy by, Instant at, String sql) {
        return database.sql(sql)
                .param("partition", found.partition())
                .param("hour", found.hour().start().atOffset(ZoneOffset.UTC))
                .param("subject", subject)
                .param("meter", found.meter())
                .param("revision", found.revision())
                .param("who", by.who())
                .param("at", at.atOffset(ZoneOffset.UTC));
    }
}
