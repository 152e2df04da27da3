package io.hourledger.ledger.seal;

import io.hourledger.ledger.store.EventsOfHours;
import io.hourledger.ledger.store.PostgresLedgerFeed.Place;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;

/** The SQL of {@link SealMark}: one for each day that had a seal. */
final class SealMarks {

    private static final String POINT =
            "select event_count, transaction_id::text, position, encode(head, 'hex'), encode(tree_edge, 'hex')";

    private static final String OF_CHAIN = POINT + " from ledger.seal_chain";

    private static final String KEEP =
            """
            insert into ledger.seal_mark (event_count, transaction_id, position, head, tree_edge, sealed_at)
            select ?, ?::xid8, ?, decode(?, 'hex'), decode(?, 'hex'), ?
            where date_trunc('day', ?::timestamptz, 'UTC') is distinct from (
                select date_trunc('day', sealed_at, 'UTC') from ledger.seal_mark order by event_count desc limit 1)
            on conflict do nothing
            """;

    private static final String NEWEST_FIRST =
            POINT + ", sealed_at from ledger.seal_mark where %s order by event_count desc";

    private static final String BEFORE_A_PLACE = "(transaction_id, position) < (?::xid8, ?)";

    /** By the hour alone: no order of the feed that a plan could walk from its beginning. */
    private static final String FIRST_OF_HOURS =
            """
            with of_hours as materialized (
                select transaction_id, position from ledger.event where %s
            )
            select transaction_id::text, position from of_hours order by of_hours.transaction_id, position limit 1
            """
                    .formatted(EventsOfHours.SQL);

    private final JdbcTemplate jdbc;

    SealMarks(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** The chain as it is now. The clock is read behind the row. */
    SealMark ofChain(Clock clock) {
        return Objects.requireNonNull(jdbc.queryForObject(OF_CHAIN, (row, number) -> mark(row, clock.instant())));
    }

    /** Its seal must have been kept before: what nobody vouches for is of no use. */
    void keepFirstOfDay(SealMark mark) {
        OffsetDateTime at = mark.sealedAt().atOffset(ZoneOffset.UTC);
        jdbc.update(
                KEEP, mark.eventCount(), mark.transactionId(), mark.position(), mark.head(), mark.treeEdge(), at, at);
    }

    /**
     * The newest that lies before each event that names an hour of a month. So one that was slipped in far before its time is read as well.
     *
     * @param seals all of them, in the order they were kept
     * @param key of the seals' signatures; null leaves them unchecked
     */
    Optional<SealMark> newestBefore(YearMonth month, List<Seal> seals, @Nullable SealKey key) {
        RowMapper<SealMark> reader = (row, number) ->
                mark(row, row.getObject("sealed_at", OffsetDateTime.class).toInstant());
        Optional<Place> first = jdbc
                .query(
                        FIRST_OF_HOURS,
                        (row, number) -> new Place(row.getString(1), row.getLong(2)),
                        EventsOfHours.firstOf(month),
                        EventsOfHours.firstOf(month.plusMonths(1)))
                .stream()
                .findFirst();
        List<SealMark> newestFirst = first.map(place -> jdbc.query(
                        NEWEST_FIRST.formatted(BEFORE_A_PLACE), reader, place.transactionId(), place.position()))
                .orElseGet(() -> jdbc.query(NEWEST_FIRST.formatted("true"), reader));
        return newestFirst.stream().filter(believed(month, seals, key)).findFirst();
    }

    /**
     * Says of a mark whether a reading may begin there. The time is that of the signed seal, never that of the row. From the first seal on that
     * is not of before the month, none is believed, whatever its time: a clock that was wrong once leads to more reading. The last seal proves
     * no place, since nothing is chained behind it.
     */
    private static Predicate<SealMark> believed(YearMonth month, List<Seal> seals, @Nullable SealKey key) {
        Instant start = month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        long last = seals.isEmpty() ? 0 : seals.getLast().eventCount();
        Map<Long, Seal> before = new HashMap<>();
        seals.stream()
                .takeWhile(seal -> !seal.sealedAt().isAfter(start))
                .filter(seal -> seal.eventCount() < last)
                .forEach(seal -> before.putIfAbsent(seal.eventCount(), seal));
        return mark -> {
            Seal seal = before.get(mark.eventCount());
            return seal != null && mark.isVouchedForBy(seal) && (key == null || seal.isSignedBy(key));
        };
    }

    private static SealMark mark(ResultSet row, Instant sealedAt) throws SQLException {
        return new SealMark(
                row.getLong(1), row.getString(2), row.getLong(3), row.getString(4), row.getString(5), sealedAt);
    }
}
