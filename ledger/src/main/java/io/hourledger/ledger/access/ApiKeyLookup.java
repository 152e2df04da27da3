package io.hourledger.ledger.access;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeySecret;
import io.hourledger.contracts.access.ToldKeys;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;

/**
 * Finds the valid API key of a secret, for services that have the ledger's database. The keys are read when somebody asks, and at most once in
 * a few seconds: who guesses secrets costs the database nothing more. A change is seen as late as that. Keys that cannot be read let nobody in.
 */
public final class ApiKeyLookup {

    /** As long as ingest takes to be told of a change. */
    public static final Duration READ_AGAIN_AFTER = Duration.ofSeconds(5);

    /** While one thread reads them, others go on with those before, and never with older ones than these. */
    private static final long OLDEST_NANOS = READ_AGAIN_AFTER.multipliedBy(2).toNanos();

    private static final long TRY_AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

    private final Supplier<ToldKeys> keys;
    private final Clock machine;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile @Nullable Known known;
    private volatile @Nullable Failed failed;

    /**
     * @param machine for the ends of secrets, which are in time of the machine
     */
    public ApiKeyLookup(PostgresApiKeys keys, Clock machine) {
        this(keys::told, machine);
    }

    ApiKeyLookup(Supplier<ToldKeys> keys, Clock machine) {
        this.keys = keys;
        this.machine = machine;
    }

    private record Known(Map<String, ApiKey> keysByHash, long readAtNanos) {

        boolean isYoungerThan(long nanos) {
            return System.nanoTime() - readAtNanos < nanos;
        }
    }

    private record Failed(RuntimeException failure, long atNanos) {}

    /**
     * The key, found by the hash of its secret: so how long it takes says nothing about a secret.
     *
     * @throws org.springframework.dao.DataAccessException if the keys cannot be read now
     */
    public Optional<ApiKey> find(String secret) {
        String hash = KeySecret.sha256Of(secret);
        return Optional.ofNullable(current().keysByHash().get(hash)).filter(key -> key.secrets().stream()
                .anyMatch(valid -> valid.sha256().equals(hash) && valid.isValidAt(machine.instant())));
    }

    private Known current() {
        Known now = known;
        if (now != null && now.isYoungerThan(READ_AGAIN_AFTER.toNanos())) {
            return now;
        }
        if (now == null) {
            reading.lock();
        } else if (!reading.tryLock()) {
            if (now.isYoungerThan(OLDEST_NANOS)) {
                return now;
            }
            throw new DataAccessResourceFailureException("the API keys are being read");
        }
        try {
            return readUnlessDone();
        } finally {
            reading.unlock();
        }
    }

    /** Another thread may have read them, or failed to, while this one waited. */
    private Known readUnlessDone() {
        Known now = known;
        if (now != null && now.isYoungerThan(READ_AGAIN_AFTER.toNanos())) {
            return now;
        }
        Failed before = failed;
        if (before != null && System.nanoTime() - before.atNanos() < TRY_AGAIN_NANOS) {
            throw new DataAccessResourceFailureException("the API keys could not be read just now", before.failure());
        }
        try {
            Known read = new Known(byHash(keys.get()), System.nanoTime());
            known = read;
            return read;
        } catch (RuntimeException noKeys) {
            failed = new Failed(noKeys, System.nanoTime());
            throw noKeys;
        }
    }

    private static Map<String, ApiKey> byHash(ToldKeys told) {
        Map<String, ApiKey> byHash = new HashMap<>();
        for (ApiKey key : told.keys()) {
            for (KeySecret secret : key.secrets()) {
                byHash.put(secret.sha256(), key);
            }
        }
        return Map.copyOf(byHash);
    }
}
