package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.instant;
import static java.util.stream.Collectors.toSet;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.MeterDefinitions;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds all processes that count to one set of meters. A meter with usage that is not billed yet keeps its definition, and a version of the
 * catalogue keeps its meters for good.
 *
 * <p>Every row of {@code partition_position} names the meters that it is counted with, and every checkpoint compares them. They change under the lock of all
 * these rows, so that no checkpoint of the meters of before can come between the look for open usage and the change.
 */
public final class PostgresCatalogue {

    private static final Logger log = LoggerFactory.getLogger(PostgresCatalogue.class);

    private static final String FINGERPRINT_OF_VERSION =
            """
            select fingerprint from aggregator.catalogue where version = ?""";

    private static final String COUNTED_OTHERWISE =
            """
            select count(*) from aggregator.partition_position where catalogue is distinct from ?""";

    /** Waits for checkpoints under way, so that their buckets are seen. */
    private static final String LOCK =
            """
            select partition from aggregator.partition_position order by partition for update""";

    private static final String METERS_OF_VERSION =
            """
            select meter, definition from aggregator.catalogue_meter where version = ?""";

    private static final String METERS_IN_USE =
            """
            select meter, definition
              from aggregator.catalogue_meter
             where version = (select min(version)
                                from aggregator.catalogue
                               where fingerprint = (select max(catalogue) from aggregator.partition_position))""";

    private static final String NOT_BILLED_YET =
            """
            select meter, waits, count(*), min(hour), max(hour), (array_agg(instance order by hour, instance))[1:3]
              from (select b.meter, b.hour, b.instance, false as waits
                      from aggregator.partition_position p
                     cross join lateral (
                           select meter, hour, instance
                             from aggregator.bucket
                            where partition = p.partition
                              and hour > coalesce((select max(hour)
                                                     from aggregator.hour_cutoff
                                                    where partition = p.partition and closed_at is not null), '-infinity')) b
                     union all
                    select b.meter, b.hour, b.instance, false
                      from aggregator.partition_position p
                     cross join lateral (
                           select meter, hour, instance
                             from aggregator.bucket
                            where partition = p.partition and revision > 0
                              and hour <= (select max(hour)
                                             from aggregator.hour_cutoff
                                            where partition = p.partition and closed_at is not null)
                              and ends_with > (select max(hour)
                                                 from aggregator.hour_cutoff
                                                where partition = p.partition and closed_at is not null)) b
                     union all
                    select meter, hour, instance, true from aggregator.bucket where state = 'unmatched'
                     union all
                    select meter, hour, instance, true from aggregator.bucket where state = 'blocked') as usage
             where meter = any (?)
             group by meter, waits
             order by meter, waits""";

    private static final String KEEP_VERSION =
            """
            insert into aggregator.catalogue (version, fingerprint) values (?, ?) on conflict do nothing""";

    private static final String KEEP_METER =
            """
            insert into aggregator.catalogue_meter (version, meter, definition) values (?, ?, ?) on conflict do nothing""";

    private static final String COUNT_WITH = """
            update aggregator.partition_position set catalogue = ?""";

    private final Transactions transactions;

    public PostgresCatalogue(DataSource database) {
        this.transactions = new Transactions(database);
    }

    /**
     * Makes these meters those that all partitions are counted with.
     *
     * @return sentences on why that cannot be; empty when they are
     */
    public List<String> claim(Catalogue catalogue) {
        MeterDefinitions meters = MeterDefinitions.of(catalogue);
        return transactions.run("say what is counted with", connection -> {
            List<String> refused = otherThanVersion(connection, catalogue.version(), meters);
            if (refused.isEmpty() && isCountedOtherwise(connection, meters)) {
                refused = change(connection, catalogue.version(), meters);
            }
            if (refused.isEmpty()) {
                keep(connection, catalogue.version(), meters);
            }
            return refused;
        });
    }

    /** Sentences on how a catalogue is another than that of the same version that was counted with; empty if it is not. */
    public List<String> otherThanCounted(Catalogue catalogue) {
        return transactions.run(
                "say what was counted with",
                connection -> otherThanVersion(connection, catalogue.version(), MeterDefinitions.of(catalogue)));
    }

    private static List<String> otherThanVersion(Connection connection, int version, MeterDefinitions meters)
            throws SQLException {
        Optional<String> stored = fingerprintOf(connection, version);
        if (stored.isEmpty() || stored.get().equals(meters.fingerprint())) {
            return List.of();
        }
        NavigableMap<String, String> counted;
        try (PreparedStatement select = connection.prepareStatement(METERS_OF_VERSION)) {
            select.setInt(1, version);
            counted = definitions(select);
        }
        return changed(counted, meters.byName()).stream()
                .map(meter -> "version " + version + " was counted with, and meter " + meter + " is another in it now: "
                        + wasAndIs(counted.get(meter), meters.byName().get(meter))
                        + "; give the changed catalogue a new number")
                .toList();
    }

    private static Optional<String> fingerprintOf(Connection connection, int version) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(FINGERPRINT_OF_VERSION)) {
            select.setInt(1, version);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    /** Without a lock: a process that starts again with the meters of before waits for nobody. */
    private static boolean isCountedOtherwise(Connection connection, MeterDefinitions meters) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(COUNTED_OTHERWISE)) {
            select.setString(1, meters.fingerprint());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1) > 0;
            }
        }
    }

    private static List<String> change(Connection connection, int version, MeterDefinitions meters)
            throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement(LOCK)) {
            lock.execute();
        }
        NavigableMap<String, String> inUse;
        try (PreparedStatement select = connection.prepareStatement(METERS_IN_USE)) {
            inUse = definitions(select);
        }
        List<String> changed = changed(inUse, meters.byName()).stream()
                .filter(inUse::containsKey)
                .toList();
        List<String> joined = joined(inUse, meters.byName());
        Map<String, String> notBilled = notBilledYet(
                connection, Stream.concat(changed.stream(), joined.stream()).toList());
        if (!notBilled.isEmpty()) {
            Stream<String> whyNotJoined = joined.stream()
                    .filter(notBilled::containsKey)
                    .map(meter -> "version " + version + " of the catalogue has another meter for the events of meter "
                            + meter + ", which has usage not billed yet (" + notBilled.get(meter)
                            + "), and that other meter would count a part of it: add it when that is billed, or give it an"
                            + " event type of its own");
            Stream<String> whyNotChanged = changed.stream()
                    .filter(notBilled::containsKey)
                    .map(
                            meter -> "meter " + meter + " is another in version " + version + " of the catalogue: "
                                    + wasAndIs(inUse.get(meter), meters.byName().get(meter))
                                    + ", and it has usage not billed yet ("
                                    + notBilled.get(meter)
                                    + "): start with the meter as it was until then, or leave it and give the new one a name and an event type of its own");
            return Stream.concat(whyNotChanged, whyNotJoined).toList();
        }
        changed.forEach(meter -> log.atWarn()
                .addKeyValue("meter", meter)
                .addKeyValue("was", inUse.get(meter))
                .addKeyValue("is", meters.byName().get(meter))
                .log("a meter has changed; processes that have it as it was count no more"));
        try (PreparedStatement update = connection.prepareStatement(COUNT_WITH)) {
            update.setString(1, meters.fingerprint());
            update.executeUpdate();
        }
        return List.of();
    }

    /** Meters in use that read the same events as a meter that was not there. */
    private static List<String> joined(SortedMap<String, String> was, SortedMap<String, String> is) {
        Set<String> types = is.entrySet().stream()
                .filter(meter -> !was.containsKey(meter.getKey()))
                .map(meter -> MeterDefinitions.eventTypeOf(meter.getValue()))
                .collect(toSet());
        return was.entrySet().stream()
                .filter(meter -> meter.getValue().equals(is.get(meter.getKey())))
                .filter(meter -> types.contains(MeterDefinitions.eventTypeOf(meter.getValue())))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static NavigableMap<String, String> definitions(PreparedStatement select) throws SQLException {
        NavigableMap<String, String> definitions = new TreeMap<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                definitions.put(row.getString(1), row.getString(2));
            }
        }
        return definitions;
    }

    /** Meters of either that are not the same in the other. */
    private static List<String> changed(SortedMap<String, String> was, SortedMap<String, String> is) {
        return Stream.concat(was.keySet().stream(), is.keySet().stream())
                .distinct()
                .filter(meter -> !Objects.equals(was.get(meter), is.get(meter)))
                .toList();
    }

    private static String wasAndIs(@Nullable String was, @Nullable String is) {
        return "it was " + (was == null ? "not there" : was) + " and is " + (is == null ? "not there any more" : is);
    }

    private static Map<String, String> notBilledYet(Connection connection, List<String> meters) throws SQLException {
        Map<String, String> usage = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(NOT_BILLED_YET)) {
            select.setArray(1, connection.createArrayOf("text", meters.toArray()));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    usage.merge(row.getString(1), described(row), (open, waits) -> open + "; " + waits);
                }
            }
        }
        return usage;
    }

    private static String described(ResultSet row) throws SQLException {
        Array instances = row.getArray(6);
        return row.getLong(3)
                + (row.getBoolean(2) ? " amounts that wait for their instance or are blocked" : " amounts not closed")
                + ", of hours " + instant(row, 4) + " to " + instant(row, 5) + ", of instances such as "
                + String.join(", ", Arrays.asList((String[]) instances.getArray()));
    }

    private static void keep(Connection connection, int version, MeterDefinitions meters) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(KEEP_VERSION)) {
            insert.setInt(1, version);
            insert.setString(2, meters.fingerprint());
            if (insert.executeUpdate() == 0) {
                List<String> other = otherThanVersion(connection, version, meters);
                if (!other.isEmpty()) {
                    throw new IllegalStateException(String.join("; ", other));
                }
                return;
            }
        }
        try (PreparedStatement insert = connection.prepareStatement(KEEP_METER)) {
            for (Map.Entry<String, String> meter : meters.byName().entrySet()) {
                insert.setInt(1, version);
                insert.setString(2, meter.getKey());
                insert.setString(3, meter.getValue());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }
}
