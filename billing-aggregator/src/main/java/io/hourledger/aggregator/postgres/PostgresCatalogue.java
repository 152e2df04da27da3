package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.instant;
import static io.hourledger.aggregator.postgres.Columns.timestamp;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.time.BusinessTime;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueFile;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.MeterDefinitions;
import io.hourledger.contracts.usage.UsageHour;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the versions of the catalogue, each with the first hour that it rules. A version is added and never changed, and never rules an hour that has
 * usage. So an hour is counted and closed by one version, whichever process does it.
 *
 * <p>Every row of {@code partition_position} names the versions that it is counted with, and every checkpoint compares them. They change under the lock of
 * all these rows. So no checkpoint that knows fewer versions is stored behind the change; whoever took it loads them, and its partition, again.
 */
public final class PostgresCatalogue implements Supplier<CatalogueVersions> {

    private static final Logger log = LoggerFactory.getLogger(PostgresCatalogue.class);

    /** Hours between the one in which a version is published and the first that it can rule. */
    private static final int HOURS_AHEAD = 2;

    /** So far ahead events may be by default, and clocks wrong: none was filtered out yet in the first hour that a version can rule. */
    private static final Duration EVENTS_AHEAD = Duration.ofMinutes(75);

    private static final String VERSIONS =
            """
            select version, effective_from, content from aggregator.catalogue order by version""";

    private static final String NEWEST = """
            select coalesce(max(version), 0) from aggregator.catalogue""";

    private static final String COUNTED_OTHERWISE =
            """
            select count(*) from aggregator.partition_position where catalogue is distinct from ?""";

    /** Waits for checkpoints under way, so that their buckets are seen. */
    private static final String LOCK =
            """
            select partition from aggregator.partition_position order by partition for update""";

    private static final String LAST_HOUR_WITH_USAGE =
            """
            select p.partition, b.hour
              from aggregator.partition_position p
             cross join lateral (
                   select hour from aggregator.bucket where partition = p.partition order by hour desc limit 1) b
             order by b.hour desc
             limit 1""";

    private static final String ADD =
            """
            insert into aggregator.catalogue (version, effective_from, content, published_at, published_by, why) values (?, ?, ?, ?, ?, ?)""";

    private static final String COUNT_WITH = """
            update aggregator.partition_position set catalogue = ?""";

    private static final String CLOCK = "select clock_timestamp()";

    private static final List<String> NOTHING_COUNTED =
            List.of("nothing is counted yet: the first catalogue is that which the aggregator is started with");

    private final Transactions transactions;
    private volatile @Nullable CatalogueVersions latest;

    public PostgresCatalogue(DataSource database) {
        this.transactions = new Transactions(database);
    }

    /**
     * All versions, as of now.
     *
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if they cannot be read now
     * @throws IllegalStateException if there is none
     */
    @Override
    public CatalogueVersions get() {
        return transactions.run("say which catalogue is counted with", connection -> {
            CatalogueVersions known = latest;
            int newest = newest(connection);
            if (known != null && newest < known.newest().version()) {
                throw new StoreUnavailableException("the database has lost version "
                        + known.newest().version() + " of the catalogue: it may be another one");
            }
            if (known != null && newest == known.newest().version()) {
                return known;
            }
            CatalogueVersions versions = versions(connection)
                    .orElseThrow(() ->
                            new IllegalStateException("no catalogue was published; start an aggregator with one"));
            latest = versions;
            return versions;
        });
    }

    /** All versions, as of now; empty if none was published. */
    public Optional<CatalogueVersions> find() {
        return transactions.run("say which catalogue is counted with", PostgresCatalogue::versions);
    }

    /**
     * Holds the catalogue that a process is started with against the versions. The first one that ever comes rules from the beginning.
     *
     * @return sentences on why the process must not start with it; empty if it may
     */
    public List<String> claim(Catalogue file) {
        return transactions.run("compare the catalogue", connection -> {
            Optional<CatalogueVersions> stored = versions(connection);
            if (stored.isEmpty() || isCountedOtherwise(connection, stored.get())) {
                lock(connection);
                stored = versions(connection);
                if (stored.isEmpty()) {
                    add(connection, file, null, null, new DecidedBy("the first start", "it is the first catalogue"));
                    stored = Optional.of(CatalogueVersions.only(file));
                }
                countWith(connection, stored.get());
            }
            return whyNot(stored.get(), file);
        });
    }

    /** Sentences on how a catalogue is another than that of the same version; empty if it is not. */
    public List<String> otherThanCounted(Catalogue catalogue) {
        return transactions.run("compare a catalogue", connection -> versions(connection)
                .flatMap(versions -> versions.version(catalogue.version()))
                .map(counted -> otherThan(counted, catalogue))
                .orElse(List.of()));
    }

    private static List<String> whyNot(CatalogueVersions stored, Catalogue file) {
        Optional<Catalogue> same = stored.version(file.version());
        if (same.isPresent()) {
            return otherThan(same.get(), file);
        }
        List<String> changes = changes(stored.newest(), file);
        return changes.isEmpty()
                ? List.of()
                : List.of("version " + file.version()
                        + " of the catalogue was not published, and its meters are not those of version "
                        + stored.newest().version() + ": " + String.join("; ", changes)
                        + "; publish it with ./metering catalogue publish FILE --from HOUR");
    }

    private static List<String> otherThan(Catalogue counted, Catalogue file) {
        return changes(counted, file).stream()
                .map(change -> "version " + file.version() + " was published, and is another now: " + change
                        + "; give the changed catalogue a new number")
                .toList();
    }

    private static List<String> changes(Catalogue was, Catalogue is) {
        SortedMap<String, String> before = MeterDefinitions.of(was).byName();
        SortedMap<String, String> after = MeterDefinitions.of(is).byName();
        Stream<String> definitions = Stream.concat(before.keySet().stream(), after.keySet().stream())
                .distinct()
                .filter(meter -> !Objects.equals(before.get(meter), after.get(meter)))
                .map(meter ->
                        "meter " + meter + " was " + words(before.get(meter)) + " and is " + words(after.get(meter)));
        // what only a filter without a product takes is free, so its first product changes what becomes of an hour
        Stream<String> sold = is.meters().stream()
                .filter(meter -> !meter.filter().isEmpty()
                        && before.containsKey(meter.name())
                        && is.isSold(meter.name())
                        && !was.isSold(meter.name()))
                .map(meter -> "meter " + meter.name() + " had no product and has one");
        return Stream.concat(definitions, sold).toList();
    }

    private static String words(@Nullable String definition) {
        return definition == null ? "not there" : definition;
    }

    /**
     * Adds a version that rules from an hour on.
     *
     * @param time what business time is at a moment of the database's clock
     * @return sentences on why that cannot be; empty if it was added
     */
    public List<String> publish(Catalogue next, UsageHour from, DecidedBy by, BusinessTime time) {
        return transactions.run("publish a catalogue", connection -> {
            lock(connection);
            CatalogueVersions stored = versions(connection).orElse(null);
            if (stored == null) {
                return NOTHING_COUNTED;
            }
            Instant now = now(connection, time);
            List<String> refused = refused(connection, stored, next, from, now);
            if (refused.isEmpty()) {
                add(connection, next, from, now, by);
                countWith(connection, stored.with(next, from));
                log.atInfo()
                        .addKeyValue("version", next.version())
                        .addKeyValue("from", from)
                        .addKeyValue("by", by.who())
                        .log("catalogue published");
            }
            return refused;
        });
    }

    /** What {@link #publish} would say now. Nothing is changed. */
    public List<String> whyNotPublished(Catalogue next, UsageHour from, BusinessTime time) {
        return transactions.run("say whether a catalogue can be published", connection -> {
            CatalogueVersions stored = versions(connection).orElse(null);
            return stored == null ? NOTHING_COUNTED : refused(connection, stored, next, from, now(connection, time));
        });
    }

    private static List<String> refused(
            Connection connection, CatalogueVersions stored, Catalogue next, UsageHour from, Instant now)
            throws SQLException {
        List<String> refused = new ArrayList<>();
        int newest = stored.newest().version();
        if (next.version() <= newest) {
            refused.add("version " + newest + " was published: give the new one a higher number than " + newest);
        }
        UsageHour earliest = UsageHour.ofNumber(Math.max(
                UsageHour.of(now).number() + HOURS_AHEAD,
                UsageHour.of(now.plus(EVENTS_AHEAD)).number() + 1));
        if (from.compareTo(earliest) < 0) {
            refused.add("it is " + now + ", and events may be ahead: the first hour that it can rule is " + earliest);
        }
        long last = stored.byFirstHour().lastKey();
        if (from.number() <= last) {
            refused.add("version " + newest + " rules from " + UsageHour.ofNumber(last)
                    + " on: the new one can rule later hours only");
        }
        try (PreparedStatement select = connection.prepareStatement(LAST_HOUR_WITH_USAGE);
                ResultSet row = select.executeQuery()) {
            if (row.next() && !instant(row, 2).isBefore(from.start())) {
                refused.add("hour " + new UsageHour(instant(row, 2)) + " of partition " + row.getInt(1)
                        + " has usage already: the new version can rule later hours only");
            }
        }
        return refused;
    }

    private static Instant now(Connection connection, BusinessTime time) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(CLOCK);
                ResultSet row = select.executeQuery()) {
            row.next();
            return time.at(instant(row, 1));
        }
    }

    private static int newest(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(NEWEST);
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    private static Optional<CatalogueVersions> versions(Connection connection) throws SQLException {
        CatalogueVersions versions = null;
        try (PreparedStatement select = connection.prepareStatement(VERSIONS);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                Catalogue catalogue = CatalogueFile.read(row.getString(3).getBytes(UTF_8));
                versions = versions == null
                        ? CatalogueVersions.only(catalogue)
                        : versions.with(catalogue, new UsageHour(instant(row, 2)));
            }
        }
        return Optional.ofNullable(versions);
    }

    /** Without a lock: a process that starts again with the versions of before waits for nobody. */
    private static boolean isCountedOtherwise(Connection connection, CatalogueVersions versions) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(COUNTED_OTHERWISE)) {
            select.setString(1, versions.fingerprint());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1) > 0;
            }
        }
    }

    private static void lock(Connection connection) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement(LOCK)) {
            lock.execute();
        }
    }

    private static void add(
            Connection connection, Catalogue catalogue, @Nullable UsageHour from, @Nullable Instant at, DecidedBy by)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(ADD)) {
            insert.setInt(1, catalogue.version());
            insert.setObject(2, from == null ? null : timestamp(from.start()));
            insert.setString(3, new String(CatalogueFile.write(catalogue), UTF_8));
            insert.setObject(4, at == null ? null : timestamp(at));
            insert.setString(5, by.who());
            insert.setString(6, by.why());
            insert.executeUpdate();
        }
    }

    private static void countWith(Connection connection, CatalogueVersions versions) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(COUNT_WITH)) {
            update.setString(1, versions.fingerprint());
            update.executeUpdate();
        }
    }
}
