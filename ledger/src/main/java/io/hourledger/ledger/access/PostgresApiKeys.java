package io.hourledger.ledger.access;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import io.hourledger.contracts.access.ToldKeys;
import io.hourledger.contracts.instance.DecidedBy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * The API keys in PostgreSQL, which is where the truth about them is. Times are the machine's, by the database's clock: a secret ends when
 * a person said so, however fast business time runs.
 */
public final class PostgresApiKeys {

    /** Secrets that have ended are left out, so that whoever is told of keys needs no clock. */
    private static final String READ =
            """
            select k.id, k.name, k.scope::text as scope, k.events_per_second, k.body_bytes, k.memory_percent,
                   k.created_at, k.decided_by, k.revoked_at,
                   coalesce(array_agg(s.sha256) filter (where s.sha256 is not null and k.revoked_at is null), '{}') as secrets,
                   min(s.valid_until) filter (where k.revoked_at is null) as old_until
              from ledger.api_key k
              left join ledger.api_key_secret s
                on s.key_id = k.id and (s.valid_until is null or s.valid_until > now())
             group by k.id
             order by k.name""";

    /** An end of a secret that has passed is a change too. */
    private static final String VERSION =
            """
            select coalesce(max((extract(epoch from at) * 1000000)::bigint), 0)
              from (select greatest(max(created_at), max(revoked_at)) as at from ledger.api_key
                    union all
                    select max(created_at) from ledger.api_key_secret
                    union all
                    select max(valid_until) from ledger.api_key_secret where valid_until <= now()) change""";

    private static final String INCARNATION = "select number from ledger.installation";

    private static final String INSERT =
            """
            insert into ledger.api_key (id, name, scope, events_per_second, body_bytes, memory_percent, decided_by, why)
            values (:id, :name, :scope::jsonb, :rate, :body, :memory, :who, :why)""";

    private static final String INSERT_SECRET =
            "insert into ledger.api_key_secret (sha256, key_id, decided_by, why) values (:sha256, :id, :who, :why)";

    private static final String FIND = "select id from ledger.api_key where name = :name and revoked_at is null";

    /** Of two secrets the older one ends at once: never more than two are valid. */
    private static final String END_OLD =
            """
            update ledger.api_key_secret
               set valid_until = clock_timestamp() + case when valid_until is null then :overlap * interval '1 second'
                                                          else interval '0' end
             where key_id = :id and (valid_until is null or valid_until > clock_timestamp())""";

    private static final String REVOKE =
            """
            update ledger.api_key set revoked_at = clock_timestamp(), revoked_by = :who, revoked_why = :why
             where name = :name and revoked_at is null""";

    private static final String LOCK_ALL = "lock table ledger.api_key in share row exclusive mode";

    private static final String COUNT = "select count(*) from ledger.api_key where revoked_at is null";

    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;
    private final TransactionTemplate change;
    private final TransactionTemplate oneView;

    public PostgresApiKeys(DataSource database) {
        JdbcTransactionManager transactions = new JdbcTransactionManager(database);
        this.jdbc = JdbcClient.create(database);
        this.change = new TransactionTemplate(transactions);
        this.oneView = new TransactionTemplate(transactions);
        oneView.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    }

    /** What came of asking for a change. */
    public enum Change {
        DONE,
        /** There is no valid key of that name. */
        NO_SUCH_KEY,
        /** A key has that name, or had it before it was revoked. */
        NAME_TAKEN,
        /** There are as many keys as can be told to ingest. */
        TOO_MANY
    }

    /** All keys, by name, revoked ones included. */
    public List<StoredKey> all() {
        return jdbc.sql(READ).query((row, n) -> storedKey(row)).list();
    }

    /** The keys that have a valid secret. */
    public ToldKeys told() {
        return in(
                oneView,
                () -> new ToldKeys(
                        jdbc.sql(INCARNATION).query(Long.class).single(),
                        jdbc.sql(VERSION).query(Long.class).single(),
                        all().stream()
                                .map(StoredKey::key)
                                .filter(key -> !key.secrets().isEmpty())
                                .toList()));
    }

    /** Makes a key that is valid from now on. */
    public Change create(String name, KeyScope scope, KeyLimits limits, NewSecret secret, DecidedBy by) {
        try {
            return changing(() -> {
                if (jdbc.sql(COUNT).query(Integer.class).single() >= ToldKeys.MOST_KEYS) {
                    return Change.TOO_MANY;
                }
                ApiKey key = new ApiKey(UUID.randomUUID().toString(), name, Set.of(secret.sha256()), scope, limits);
                jdbc.sql(INSERT)
                        .param("id", key.id())
                        .param("name", key.name())
                        .param("scope", JSON.writeValueAsString(scope))
                        .param("rate", limits.eventsPerSecond())
                        .param("body", limits.bodyBytes())
                        .param("memory", limits.memoryPercent())
                        .param("who", by.who())
                        .param("why", by.why())
                        .update();
                insert(secret, key.id(), by);
                return Change.DONE;
            });
        } catch (DuplicateKeyException taken) {
            return Change.NAME_TAKEN;
        }
    }

    /**
     * Gives a key a second secret. The first one stays valid for a while; a still older one ends at once.
     *
     * @param overlap how long both are valid
     */
    public Change rotate(String name, Duration overlap, NewSecret secret, DecidedBy by) {
        return changing(() -> {
            String id = jdbc.sql(FIND)
                    .param("name", name)
                    .query(String.class)
                    .optional()
                    .orElse(null);
            if (id == null) {
                return Change.NO_SUCH_KEY;
            }
            jdbc.sql(END_OLD)
                    .param("id", id)
                    .param("overlap", overlap.toSeconds())
                    .update();
            insert(secret, id, by);
            return Change.DONE;
        });
    }

    /** Ends a key with all its secrets, for good. */
    public Change revoke(String name, DecidedBy by) {
        return changing(() -> {
            int revoked = jdbc.sql(REVOKE)
                    .param("name", name)
                    .param("who", by.who())
                    .param("why", by.why())
                    .update();
            return revoked == 1 ? Change.DONE : Change.NO_SUCH_KEY;
        });
    }

    private void insert(NewSecret secret, String id, DecidedBy by) {
        jdbc.sql(INSERT_SECRET)
                .param("sha256", secret.sha256())
                .param("id", id)
                .param("who", by.who())
                .param("why", by.why())
                .update();
    }

    /** One change after another, so that the times of changes rise in the order in which others see them. */
    private Change changing(Supplier<Change> work) {
        return in(change, () -> {
            jdbc.sql(LOCK_ALL).update();
            return work.get();
        });
    }

    private static <T> T in(TransactionTemplate transaction, Supplier<T> work) {
        return Objects.requireNonNull(transaction.execute(tx -> work.get()));
    }

    private static StoredKey storedKey(ResultSet row) throws SQLException {
        ApiKey key = new ApiKey(
                row.getString("id"),
                row.getString("name"),
                Set.of((String[]) row.getArray("secrets").getArray()),
                JSON.readValue(row.getString("scope"), KeyScope.class),
                new KeyLimits(row.getInt("events_per_second"), row.getInt("body_bytes"), row.getInt("memory_percent")));
        return new StoredKey(
                key,
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("decided_by"),
                instant(row, "old_until"),
                instant(row, "revoked_at"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
