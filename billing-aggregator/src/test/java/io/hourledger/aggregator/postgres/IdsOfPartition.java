package io.hourledger.aggregator.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.Checkpoint.Advance;
import io.hourledger.aggregator.hour.CheckpointStore.Outcome;
import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.NewIds;
import io.hourledger.aggregator.hour.PartitionState;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.ids.IdBuffer;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.aggregator.postgres.PostgresLogIdentity.LogIdentity;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestDatabase;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;

/** A database of one partition, whose checkpoints leave ids that a test makes up and remembers. */
final class IdsOfPartition implements AutoCloseable {

    /** The name of sessions through a relay. */
    static final String FROZEN = "frozen";

    /** As in operation. */
    private static final String SETTINGS_OF_SESSIONS = settingsOfSessions();

    private static final int HOURS_IN_MEMORY = 3;
    private static final CountingRules RULES = new CountingRules(
            1, Duration.ofDays(1), 24, Duration.ofHours(1), HOURS_IN_MEMORY, Long.MAX_VALUE, Integer.MAX_VALUE);

    final HikariDataSource database = new HikariDataSource();
    final JdbcTemplate sql;
    final PostgresCheckpointStore store;
    final PostgresClosingStore closing;

    private final TestDatabase.Address address = TestServers.freshDatabase();
    private final List<WantedId> known = new ArrayList<>();
    private final Random random = new Random(5);
    private long checkpoint;
    private long position;

    IdsOfPartition() {
        connect(database, address.jdbcUrl());
        new PostgresLogIdentity(database).claim(new LogIdentity("topic", "id", 1, "key"));
        new PostgresCatalogue(database).claim(Usage.CATALOGUE);
        store = new PostgresCheckpointStore(database, machineTime -> machineTime, Usage.VERSIONS);
        closing = new PostgresClosingStore(database);
        sql = new JdbcTemplate(database);
    }

    private static String settingsOfSessions() {
        YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
        yaml.setResources(new ClassPathResource("billing-aggregator.yaml"));
        return Objects.requireNonNull(yaml.getObject())
                .getProperty("spring.datasource.hikari.connection-init-sql")
                .strip();
    }

    private void connect(HikariDataSource pool, String jdbcUrl) {
        pool.setJdbcUrl(jdbcUrl);
        pool.setUsername(address.user());
        pool.setPassword(address.password());
        pool.setConnectionInitSql(SETTINGS_OF_SESSIONS + "; set lock_timeout = '2s'");
    }

    /** Connections of their own, also when the pool is closed. */
    DataSource unpooled() {
        return address.dataSource();
    }

    StallingRelay relay() {
        return new StallingRelay(port());
    }

    private int port() {
        return URI.create(address.jdbcUrl().substring("jdbc:".length())).getPort();
    }

    HikariDataSource through(StallingRelay relay) {
        HikariDataSource pool = new HikariDataSource();
        connect(pool, address.jdbcUrl().replace(":" + port() + "/", ":" + relay.port() + "/"));
        pool.setMaximumPoolSize(1);
        pool.addDataSourceProperty("ApplicationName", FROZEN);
        return pool;
    }

    /** One checkpoint that leaves so many new ids of an hour. */
    void countRandom(UsageHour hour, int ids) {
        long[] highs = random.longs(ids).toArray();
        count(hour, highs);
    }

    /** The same, of ids with these hashes. */
    void count(UsageHour hour, long... highs) {
        IdBuffer buffer = new IdBuffer(highs.length);
        for (long high : highs) {
            WantedId id = new WantedId(hour, high, random.nextInt());
            buffer.add(id.high(), id.low(), contentOf(id));
            known.add(id);
        }
        assertThat(keep(advance(position + 1), List.of(new NewIds(hour, buffer.toBytes())), List.of()))
                .isEqualTo(Outcome.STORED);
    }

    private static int contentOf(WantedId id) {
        return id.low() ^ 7;
    }

    /** Ends the hour where the position is, and closes it. */
    void close(UsageHour hour) {
        assertThat(keep(advance(position), List.of(), List.of(new Cutoff(hour, position, hour.end()))))
                .isEqualTo(Outcome.STORED);
        closing.closed(closing.nextToClose(0).orElseThrow(), hour.end());
    }

    private Advance advance(long to) {
        return new Advance(checkpoint + 1, position, to);
    }

    private Outcome keep(Advance advance, List<NewIds> ids, List<Cutoff> cutoffs) {
        Outcome outcome =
                store.keep(new Checkpoint(0, advance, new Tallies(0, 0, 0, 0), List.of(), ids, List.of(), cutoffs));
        if (outcome == Outcome.STORED) {
            checkpoint = advance.number();
            position = advance.nextOffset();
        }
        return outcome;
    }

    int counted() {
        return known.size();
    }

    /** A look-up of late events finds it, wherever it lies. */
    void assertThatEachIdIsFound() {
        List<WantedId> some = IntStream.iterate(0, n -> n < known.size(), n -> n + 1 + known.size() / 4_000)
                .mapToObj(known::get)
                .toList();
        assertThat(store.findSealed(0, some))
                .containsExactly(some.stream()
                        .mapToLong(id -> Integer.toUnsignedLong(contentOf(id)))
                        .toArray());
    }

    /** A new owner has each id in one place. */
    void assertThatALoadHasEachIdOnce() {
        PartitionState owner =
                new PartitionState(0, RULES, EventReader.of(Usage.VERSIONS), IdKey.fromHex(Usage.ID_KEY));
        store.load(0, HOURS_IN_MEMORY, Long.MAX_VALUE, owner.loading()); // halts if one is there twice
        assertThat(owner.idsHeld() + owner.idsOnDisk()).isEqualTo(known.size());
    }

    void assertThatEachIdIsSealedOnce() {
        assertThat(sql.queryForObject(
                        "select sum(octet_length(ids)) / 16 from aggregator.sorted_id_block", Integer.class))
                .isEqualTo(known.size());
        assertThatEachIdIsFound();
        assertThat(sql.queryForObject(
                        "select (select count(*) from aggregator.counted_ids) + (select count(*) from"
                                + " aggregator.ids_on_disk)",
                        Integer.class))
                .isZero();
    }

    @Override
    public void close() {
        database.close();
    }
}
