package io.hourledger.ledger.seal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;

/** The SQL of {@link SealMark}: one for each day that had a seal. */
final class SealMarks {

    private static final String POINT =
            "select event_count, transaction_id::text, position, encode(head, 'hex'), encode(tree_edge, 'hex')";

    private static final String OF_CHAIN = POINT + " from ledger.seal_chain";

    private static final String KEEP =
            """
            insert into ledger.seal_mark (event_count, transaction_id, position, head, tree_edge, sealed_at)
            select ?, ?::xid8, ?, decode(?, 'hex'), decode(?, 'hex'), ?
            where not exists (select from ledger.seal_mark where sealed_at >= date_trunc('day', ?::timestamptz, 'UTC'))
            on conflict do nothing
            """;

    private static final String STORED = POINT + ", sealed_at from ledger.seal_mark ";

    /** So many are looked at for one that a seal vouches for. */
    private static final String LIMIT = " limit 31";

    private static final String UP_TO = STORED + "where sealed_at <= ? order by sealed_at desc" + LIMIT;

    private static final String FROM = STORED + "where sealed_at >= ? order by sealed_at" + LIMIT;

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

    /** The newest of a moment or before it that one of the seals vouches for. */
    Optional<SealMark> upTo(Instant moment, List<Seal> seals) {
        return first(UP_TO, moment, seals);
    }

    /** The oldest of a moment or behind it that one of the seals vouches for. */
    Optional<SealMark> from(Instant moment, List<Seal> seals) {
        return first(FROM, moment, seals);
    }

    private Optional<SealMark> first(String sql, Instant moment, List<Seal> seals) {
        return jdbc
                .query(
                        sql,
                        (row, number) -> mark(
                                row,
                                row.getObject("sealed_at", OffsetDateTime.class).toInstant()),
                        moment.atOffset(ZoneOffset.UTC))
                .stream()
                .filter(mark -> seals.stream().anyMatch(mark::isVouchedForBy))
                .findFirst();
    }

    private static SealMark mark(ResultSet row, Instant sealedAt) throws SQLException {
        return new SealMark(
                row.getLong(1), row.getString(2), row.getLong(3), row.getString(4), row.getString(5), sealedAt);
    }
}
