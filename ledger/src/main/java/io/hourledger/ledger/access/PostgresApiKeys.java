package io.hourledger.ledger.access;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import io.hourledger.contracts.access.KeySecret;
import io.hourledger.contracts.access.ToldKeys;
import io.hourledger.contracts.access.ToldKeysFile;
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
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The API keys in PostgreSQL, which is where the truth about them is. Times are the machine's, by the database's clock: a secret ends when
 * a person said so, however fast business time runs.
 */
public final class PostgresApiKeys {

    /** Secrets that have ended are left out. */
    private static final String READ =
            """
            select k.id, k.name, k.scope::text as scope, k.events_per_second, k.body_bytes, k.memory_percent,
                   k.created_at, k.decided_by, k.revoked_at,
                   coalesce(
                       jsonb_agg(jsonb_build_object(
                           'sha256', s.sha256,
                           'validUntil', to_char(s.valid_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
                           order by s.sha256)
                       filter (where s.sha256 is not null and k.revoked_at is null), '[]')::text as secrets,
                   min(s.valid_until) filter (where k.revoked_at is null) as old_until
              from ledger.api_key k
              left join ledger.api_key_secret s
                on s.key_id = k.id and (s.valid_until is null or s.valid_until > now())
             where k.revoked_at is null or :revokedToo
             group by k.id
             order by k.name""";

    private static final String STAMP = "select id, number, api_keys_version from ledger.installation";

    private static final String NEXT_VERSION = "update ledger.installation set api_keys_version = api_keys_version + 1";

    private static final String INSERT =
            """
            insert into ledger.api_key (id, name, scope, events_per_second, body_bytes, memory_percent, decided_by, why)
            values (:id, :name, :scope::jsonb, :rate, :body, :memory, :who, :why)""";

    private static final String INSERT_SECRET =
            "insert into ledger.api_key_secret (sha256, key_id, decided_by, why) values (:sha256, :id, :who, :why)";

    private static final String FIND = "select id from ledger.api_key where name = :name and revoked_at is null";

    private static final String HAS_OLD =
            """
            select exists (select from ledger.api_key_secret
                            where key_id = :id and valid_until > clock_timestamp())""";

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

    /** A member of a scope that this release does not know may bound a key, so such a key is not told as an unbounded one. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

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
        TOO_MANY,
        /** With it the keys would be larger than what can be told to ingest. */
        TOO_LARGE,
        /** A third secret would end one that an app may still use. */
        OLDER_SECRET_VALID
    }

    /** What a rotation does to a secret that an earlier one has left valid for a while. */
    public enum Older {
        /** Nothing; the rotation is refused. */
        KEEP,
        /** It ends at once. */
        END
    }

    /** All keys, by name, revoked ones included. */
    public List<StoredKey> all() {
        return read(true);
    }

    private List<StoredKey> read(boolean revokedToo) {
        return jdbc.sql(READ)
                .param("revokedToo", revokedToo)
                .query((row, n) -> storedKey(row))
                .list();
    }

    /** The keys that have a valid secret. */
    public ToldKeys told() {
        return in(oneView, tx -> toldNow());
    }

    private ToldKeys toldNow() {
        List<ApiKey> valid = read(false).stream()
                .map(StoredKey::key)
                .filter(key -> !key.secrets().isEmpty())
                .toList();
        return jdbc.sql(STAMP)
                .query((row, n) -> new ToldKeys(
                        row.getObject("id", UUID.class), row.getLong("number"), row.getLong("api_keys_version"), valid))
                .single();
    }

    /** Makes a key that is valid from now on. */
    public Change create(String name, KeyScope scope, KeyLimits limits, NewSecret secret, DecidedBy by) {
        try {
            return adding(() -> {
                if (jdbc.sql(COUNT).query(Integer.class).single() >= ToldKeys.MOST_KEYS) {
                    return Change.TOO_MANY;
                }
                ApiKey key = new ApiKey(
                        UUID.randomUUID().toString(), name, Set.of(KeySecret.lasting(secret.sha256())), scope, limits);
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
     * Gives a key a second secret. The first one stays valid for a while.
     *
     * @param overlap how long both are valid
     * @param older what becomes of a still older one, since never more than two are valid
     */
    public Change rotate(String name, Duration overlap, Older older, NewSecret secret, DecidedBy by) {
        return adding(() -> {
            String id = jdbc.sql(FIND)
                    .param("name", name)
                    .query(String.class)
                    .optional()
                    .orElse(null);
            if (id == null) {
                return Change.NO_SUCH_KEY;
            }
            if (older == Older.KEEP
                    && jdbc.sql(HAS_OLD).param("id", id).query(Boolean.class).single()) {
                return Change.OLDER_SECRET_VALID;
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
        return in(
                change,
                tx -> changed(() -> {
                    int revoked = jdbc.sql(REVOKE)
                            .param("name", name)
                            .param("who", by.who())
                            .param("why", by.why())
                            .update();
                    return revoked == 1 ? Change.DONE : Change.NO_SUCH_KEY;
                }));
    }

    private void insert(NewSecret secret, String id, DecidedBy by) {
        jdbc.sql(INSERT_SECRET)
                .param("sha256", secret.sha256())
                .param("id", id)
                .param("who", by.who())
                .param("why", by.why())
                .update();
    }

    /** What makes the keys larger; undone if they could not be told any more. */
    private Change adding(Supplier<Change> work) {
        return in(change, tx -> {
            Change done = changed(work);
            if (done == Change.DONE && ToldKeysFile.write(toldNow()).length > ToldKeys.MOST_BYTES) {
                tx.setRollbackOnly();
                return Change.TOO_LARGE;
            }
            return done;
        });
    }

    /** One change after another, so that versions rise in the order in which others see the changes. */
    private Change changed(Supplier<Change> work) {
        jdbc.sql(LOCK_ALL).update();
        Change done = work.get();
        if (done == Change.DONE) {
            jdbc.sql(NEXT_VERSION).update();
        }
        return done;
    }

    private static <T> T in(TransactionTemplate transaction, TransactionCallback<T> work) {
        return Objects.requireNonNull(transaction.execute(work));
    }

    private static StoredKey storedKey(ResultSet row) throws SQLException {
        ApiKey key = new ApiKey(
                row.getString("id"),
                row.getString("name"),
                Set.of(JSON.readValue(row.getString("secrets"), KeySecret[].class)),
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
