package io.hourledger.ledger.statement;

import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.store.EventJson;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What hours came to, read from the events themselves and not from a projection of them. */
public final class MeteredHours {

    private static final int FETCH = 10_000;

    /** Looks at every event of the ledger. */
    private static final String OF_PARTITION =
            """
            select instance_id, revision, payload::text
            from ledger.event
            where event_type = 'hour-metered'
              and (payload ->> 'hour')::timestamptz = ?
              and (payload ->> 'partition')::int = ?
              and (payload ->> 'revision')::int = ?
            """;

    /** There is one at most. From the newest event back, for it is usually a late one that is asked for. */
    private static final String OF_INSTANCE =
            """
            select instance_id, revision, payload::text
            from ledger.event
            where instance_id = ?
              and event_type = 'hour-metered'
              and (payload ->> 'hour')::timestamptz = ?
              and (payload ->> 'revision')::int = ?
            order by sequence_number desc
            limit 1
            """;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final EventJson events = new EventJson();

    public MeteredHours(DataSource dataSource) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.jdbc.setFetchSize(FETCH);
        this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        this.transaction.setReadOnly(true);
    }

    /** One instance's hour. */
    public Optional<HourMetered> of(InstanceId instance, UsageHour hour, int revision) {
        return jdbc
                .query(
                        OF_INSTANCE,
                        (row, number) -> metered(row.getString(1), row.getInt(2), row.getString(3)),
                        instance.value(),
                        hour.start().atOffset(ZoneOffset.UTC),
                        revision)
                .stream()
                .findFirst();
    }

    /** All instances' hours that were counted in one partition of the usage log, in no order. They are handed over as they are read. */
    public void ofPartition(int partition, UsageHour hour, int revision, Consumer<HourMetered> taker) {
        transaction.executeWithoutResult(status -> jdbc.query(
                OF_PARTITION,
                row -> {
                    taker.accept(metered(row.getString(1), row.getInt(2), row.getString(3)));
                },
                hour.start().atOffset(ZoneOffset.UTC),
                partition,
                revision));
    }

    private HourMetered metered(String instance, int revision, String payload) {
        return (HourMetered) events.read(instance, "hour-metered", revision, payload);
    }
}
