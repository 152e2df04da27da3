package io.hourledger.aggregator.packages;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.Partitioner;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Keeps what an instance's hour had come to when another package began to pay in it. So the usage before and the usage after can be told apart
 * while the hour is open. What was sent before that moment and counted after it is on the wrong side until the hour closes.
 */
final class UsageAtBoundaries {

    /** A row without a meter says that the boundary is known, also where nothing had been used. */
    private static final String NOTE =
            """
            with boundary as materialized (
                select * from unnest(?::text[], ?::timestamptz[], ?::timestamptz[], ?::int[])
                    as boundary (instance, at, hour, partition))
            insert into aggregator.usage_at_boundary (instance, at, meter, raw_total)
            select instance, at, '', 0 from boundary
            union all
            select boundary.instance, boundary.at, b.meter, sum(b.raw_total)
              from boundary
              join aggregator.bucket b
                on b.partition = boundary.partition and b.hour = boundary.hour and b.instance = boundary.instance
             group by boundary.instance, boundary.at, b.meter
                on conflict (instance, at, meter) do nothing""";

    /** No hour of that long before a new boundary is open. */
    private static final String DROP =
            """
            delete from aggregator.usage_at_boundary old
             using (select instance, min(at) as at from unnest(?::text[], ?::timestamptz[]) as fresh (instance, at) group by instance) fresh
             where old.instance = fresh.instance and old.at < fresh.at - interval '2 days'""";

    private static final String FIND =
            "select instance, at, meter, raw_total from aggregator.usage_at_boundary where instance = any (?)";

    private final JdbcTemplate jdbc;
    private final int partitions;

    UsageAtBoundaries(JdbcTemplate jdbc, int partitions) {
        this.jdbc = jdbc;
        this.partitions = partitions;
    }

    /** A moment from which on other packages pay for an instance's usage, as exact as the database keeps it. */
    record Boundary(String instance, Instant at) {
        Boundary {
            at = at.truncatedTo(ChronoUnit.MICROS);
        }
    }

    private record Key(Boundary boundary, String meter) {}

    /** Keeps what the buckets have come to now, once for each boundary. */
    void note(List<Boundary> boundaries) {
        jdbc.update(connection -> {
            var statement = connection.prepareStatement(NOTE);
            statement.setArray(1, texts(connection, boundaries, Boundary::instance));
            statement.setArray(2, moments(connection, boundaries, Boundary::at));
            statement.setArray(3, moments(connection, boundaries, boundary -> UsageHour.of(boundary.at)
                    .start()));
            statement.setArray(
                    4,
                    connection.createArrayOf(
                            "int",
                            boundaries.stream()
                                    .map(boundary -> partitionOf(boundary.instance))
                                    .toArray()));
            return statement;
        });
        jdbc.update(connection -> {
            var statement = connection.prepareStatement(DROP);
            statement.setArray(1, texts(connection, boundaries, Boundary::instance));
            statement.setArray(2, moments(connection, boundaries, Boundary::at));
            return statement;
        });
    }

    private int partitionOf(String instance) {
        byte[] subject = instance.getBytes(UTF_8);
        return Partitioner.partitionOf(subject, 0, subject.length, partitions);
    }

    private static Array texts(Connection connection, List<Boundary> boundaries, Function<Boundary, String> text)
            throws SQLException {
        return connection.createArrayOf("text", boundaries.stream().map(text).toArray());
    }

    private static Array moments(Connection connection, List<Boundary> boundaries, Function<Boundary, Instant> moment)
            throws SQLException {
        return connection.createArrayOf(
                "timestamptz",
                boundaries.stream()
                        .map(boundary ->
                                moment.apply(boundary).atOffset(ZoneOffset.UTC).toString())
                        .toArray());
    }

    /** What is known of these instances' boundaries. */
    Known of(Collection<String> instances) {
        Map<Key, BigDecimal> raw = new HashMap<>();
        jdbc.query(
                connection -> {
                    var statement = connection.prepareStatement(FIND);
                    statement.setArray(1, connection.createArrayOf("text", instances.toArray()));
                    return statement;
                },
                row -> {
                    raw.put(
                            new Key(
                                    new Boundary(
                                            row.getString(1),
                                            row.getObject(2, OffsetDateTime.class)
                                                    .toInstant()),
                                    row.getString(3)),
                            row.getBigDecimal(4));
                });
        return new Known(raw);
    }

    /** What instances had used of their hours at boundaries. */
    static final class Known {

        private final Map<Key, BigDecimal> raw;

        private Known(Map<Key, BigDecimal> raw) {
            this.raw = raw;
        }

        /** What the instance had used in the boundary's hour, in the meter's unit; empty if the boundary has not been noted yet. */
        Optional<BigDecimal> before(String instance, Instant at, Meter meter) {
            Boundary boundary = new Boundary(instance, at);
            if (!raw.containsKey(new Key(boundary, ""))) {
                return Optional.empty();
            }
            return Optional.of(meter.inUnits(raw.getOrDefault(new Key(boundary, meter.name()), BigDecimal.ZERO)));
        }
    }
}
