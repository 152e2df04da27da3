package io.hourledger.pusher.files;

import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.store.DeadLetterQueue;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Finds the ledger's records that a file speaks of. */
final class ListedRecords {

    /** All but those whose instance was ordered from another seller account. */
    private static final String OF_ACCOUNT =
            """

               and not exists (select from pusher.requested_instance asked
                                where asked.instance_id = usage_record.instance_id and asked.account <> :account)""";

    private static final String BY_SN =
            """
            select metering_sn, instance_id, begin_at, end_at, amount, state
              from ledger.usage_record where metering_sn = any (:sns)"""
                    + OF_ACCOUNT;

    /** A settlement month is that of the usage (koogallery.md, section 6). */
    private static final String REPORTED_IN =
            """
            select metering_sn, instance_id, begin_at, end_at, amount, state
              from ledger.usage_record where state = 'reported' and begin_at >= :from and begin_at < :to"""
                    + OF_ACCOUNT
                    + """

             order by begin_at, instance_id, end_at""";

    /** A month's records are read in steps, if the caller has a transaction. */
    private static final int ROWS_A_FETCH = 1000;

    /** Of what a lost state of the database sent only the last call is known, so each of its records counts as sent again. */
    private static final String SENT_MORE_THAN_ONCE =
            """
            select sn
              from (select unnest(metering_sns) as sn from pusher.attempt
                     where coalesce(answer, '') not in ('not-sent', 'not-made', 'key-refused')
                       and metering_sns && :sns::text[]
                     union all
                    select metering_sn from pusher.sent_by_lost_database, generate_series(1, 2)
                     where metering_sn = any (:sns)) sent
             where sn = any (:sns)
             group by sn having count(*) > 1""";

    private final JdbcClient jdbc;
    private final @Nullable String account;
    private final DeadLetterQueue waiting;

    /**
     * @param account the seller account that the file is of; null if the database has one alone
     */
    ListedRecords(DataSource database, @Nullable String account) {
        this.account = account;
        JdbcTemplate inSteps = new JdbcTemplate(database);
        inSteps.setFetchSize(ROWS_A_FETCH);
        this.jdbc = JdbcClient.create(inSteps);
        this.waiting = new DeadLetterQueue(inSteps);
    }

    /** The serial number that a row has, or that its instance and window give; empty if it is about a whole instance. */
    static Optional<String> serialNumber(ListedRow row) {
        String told = row.meteringSn();
        if (told != null) {
            return Optional.of(told);
        }
        String instance = row.instanceId();
        UsageWindow window = row.window();
        return instance == null || window == null
                ? Optional.empty()
                : Optional.of(MeteringSn.of(instance, window).value());
    }

    /** Instances of which the table of records lacks events. */
    Set<String> incompleteInstances() {
        return Set.copyOf(waiting.instances(LedgerProjections.READER));
    }

    Map<String, ComparedRecord> find(Collection<String> serialNumbers) {
        Map<String, ComparedRecord> found = new HashMap<>();
        jdbc.sql(BY_SN)
                .param("sns", serialNumbers.toArray(String[]::new))
                .param("account", account)
                .query((row, n) -> record(row))
                .list()
                .forEach(record -> found.put(record.meteringSn(), record));
        return found;
    }

    /** Those that count as reported and whose window begins in this time. */
    void reportedIn(Instant from, Instant to, Consumer<ComparedRecord> reader) {
        try (var records = jdbc
                .sql(REPORTED_IN)
                .param("account", account)
                .param("from", from.atOffset(ZoneOffset.UTC))
                .param("to", to.atOffset(ZoneOffset.UTC))
                .query((row, n) -> record(row))
                .stream()) {
            records.forEach(reader);
        }
    }

    /** Those of which more than one call may have carried a copy to the marketplace. */
    Set<String> sentMoreThanOnce(Collection<String> serialNumbers) {
        return serialNumbers.isEmpty()
                ? Set.of()
                : Set.copyOf(jdbc.sql(SENT_MORE_THAN_ONCE)
                        .param("sns", serialNumbers.toArray(String[]::new))
                        .query(String.class)
                        .list());
    }

    private static ComparedRecord record(ResultSet row) throws SQLException {
        BigDecimal amount = row.getBigDecimal("amount");
        return new ComparedRecord(
                row.getString("metering_sn"),
                row.getString("instance_id"),
                new UsageWindow(moment(row, "begin_at"), moment(row, "end_at")),
                amount,
                row.getString("state"));
    }

    private static Instant moment(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
