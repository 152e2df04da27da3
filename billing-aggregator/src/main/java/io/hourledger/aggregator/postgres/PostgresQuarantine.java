package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.instant;
import static io.hourledger.aggregator.postgres.Columns.timestamp;

import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.quarantine.LogPlace;
import io.hourledger.aggregator.quarantine.QuarantineEntry;
import io.hourledger.aggregator.quarantine.QuarantineEntry.Decision;
import io.hourledger.aggregator.quarantine.QuarantineEntry.Kind;
import io.hourledger.aggregator.quarantine.QuarantineFilter;
import io.hourledger.aggregator.quarantine.QuarantineStore;
import io.hourledger.contracts.instance.DecidedBy;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The quarantine in PostgreSQL: its records, and beside them the decisions, which a rebuild of the records does not touch. */
public final class PostgresQuarantine implements QuarantineStore {

    private static final int FETCH = 500;

    private static final String READ =
            """
            select partition, log_offset, recorded_at, reason, detail, record_key, record_value,
                   decision, decided_at, decided_by, why, sent_partition, sent_offset
              from aggregator.quarantine
              left join aggregator.quarantine_decision using (partition, log_offset)
             where (partition, log_offset) > (?, ?)
               and (?::int is null or partition = ?) and (?::text is null or reason = ?)
             order by partition, log_offset""";

    /**
     * An unfinished resend may be begun again or written off: whoever began it may have died. So its record stays open until it was sent or
     * written off.
     */
    private static final String DECIDE =
            """
            with decided as (
                insert into aggregator.quarantine_decision as before (partition, log_offset, decision, decided_at, decided_by, why)
                values (?, ?, ?, ?, ?, ?)
                    on conflict (partition, log_offset) do update
                   set decision = excluded.decision, decided_at = excluded.decided_at, decided_by = excluded.decided_by,
                       why = excluded.why
                 where before.decision = 'resent' and before.sent_offset is null
                returning partition, log_offset, decision)
            update aggregator.quarantine own
               set is_open = decided.decision = 'resent'
              from decided
             where own.partition = decided.partition and own.log_offset = decided.log_offset""";

    private static final String OPEN =
            """
            select wanted.reason,
                   (select count(*)
                      from (select 1
                              from aggregator.quarantine
                             where is_open and partition = ? and reason = wanted.reason
                             limit ?) as open) as records,
                   (select min(recorded_at)
                      from aggregator.quarantine
                     where is_open and partition = ? and reason = wanted.reason) as oldest
              from unnest(?::text[]) as wanted (reason)""";

    private static final String SENT =
            """
            with sent as (
                update aggregator.quarantine_decision
                   set sent_partition = ?, sent_offset = ?
                 where partition = ? and log_offset = ? and sent_offset is null
                returning partition, log_offset)
            update aggregator.quarantine own
               set is_open = false
              from sent
             where own.partition = sent.partition and own.log_offset = sent.log_offset""";

    private final Transactions transactions;

    public PostgresQuarantine(DataSource database) {
        this.transactions = new Transactions(database);
    }

    @Override
    public void read(QuarantineFilter filter, @Nullable LogPlace after, Predicate<QuarantineEntry> taker) {
        transactions.readOneMoment("read the quarantine", connection -> {
            try (PreparedStatement select = connection.prepareStatement(READ)) {
                select.setInt(1, after == null ? -1 : after.partition());
                select.setLong(2, after == null ? -1 : after.offset());
                select.setObject(3, filter.partition(), Types.INTEGER);
                select.setObject(4, filter.partition(), Types.INTEGER);
                String reason = filter.reason() == null ? null : filter.reason().code();
                select.setString(5, reason);
                select.setString(6, reason);
                select.setFetchSize(FETCH);
                try (ResultSet row = select.executeQuery()) {
                    boolean wantsMore = true;
                    while (wantsMore && row.next()) {
                        QuarantineEntry entry = entry(row);
                        wantsMore = !filter.covers(entry) || taker.test(entry);
                    }
                }
            }
            return filter;
        });
    }

    private static QuarantineEntry entry(ResultSet row) throws SQLException {
        return new QuarantineEntry(
                new LogPlace(row.getInt(1), row.getLong(2)),
                instant(row, 3),
                row.getString(4),
                row.getString(5),
                row.getBytes(6),
                row.getBytes(7),
                decision(row));
    }

    private static @Nullable Decision decision(ResultSet row) throws SQLException {
        String kind = row.getString(8);
        if (kind == null) {
            return null;
        }
        LogPlace sentTo = row.getObject(13) == null ? null : new LogPlace(row.getInt(12), row.getLong(13));
        return new Decision(
                Kind.ofCode(kind),
                instant(row, 9),
                new DecidedBy(Objects.requireNonNull(row.getString(10)), Objects.requireNonNull(row.getString(11))),
                sentTo);
    }

    @Override
    public Optional<QuarantineEntry> of(LogPlace place) {
        List<QuarantineEntry> found = new ArrayList<>();
        QuarantineFilter ofPartition = new QuarantineFilter(null, null, null, null, null, place.partition(), false);
        read(ofPartition, new LogPlace(place.partition(), place.offset() - 1), entry -> {
            found.add(entry);
            return false;
        });
        return found.stream().filter(entry -> entry.place().equals(place)).findFirst();
    }

    @Override
    public boolean decide(LogPlace place, Decision decision) {
        return transactions.run("store a decision about " + place, connection -> {
            try (PreparedStatement insert = connection.prepareStatement(DECIDE)) {
                insert.setInt(1, place.partition());
                insert.setLong(2, place.offset());
                insert.setString(3, decision.kind().code());
                insert.setObject(4, timestamp(decision.at()));
                insert.setString(5, decision.by().who());
                insert.setString(6, decision.by().why());
                return insert.executeUpdate() == 1;
            }
        });
    }

    @Override
    public Map<QuarantineReason, Open> open(int partition) {
        return transactions.run("say which records of quarantine are open", connection -> {
            Map<QuarantineReason, Open> open = new EnumMap<>(QuarantineReason.class);
            try (PreparedStatement select = connection.prepareStatement(OPEN)) {
                select.setInt(1, partition);
                select.setInt(2, Open.MOST_COUNTED);
                select.setInt(3, partition);
                Object[] reasons = Stream.of(QuarantineReason.values())
                        .map(QuarantineReason::code)
                        .toArray();
                select.setArray(4, connection.createArrayOf("text", reasons));
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        if (row.getLong(2) > 0) {
                            open.put(
                                    QuarantineReason.ofCode(row.getString(1)).orElseThrow(),
                                    new Open(row.getLong(2), instant(row, 3)));
                        }
                    }
                }
            }
            return open;
        });
    }

    @Override
    public void sent(LogPlace place, LogPlace to) {
        transactions.run("store where " + place + " was sent to", connection -> {
            try (PreparedStatement update = connection.prepareStatement(SENT)) {
                update.setInt(1, to.partition());
                update.setLong(2, to.offset());
                update.setInt(3, place.partition());
                update.setLong(4, place.offset());
                return update.executeUpdate();
            }
        });
    }
}
