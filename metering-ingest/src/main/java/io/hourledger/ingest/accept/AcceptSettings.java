package io.hourledger.ingest.accept;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import io.hourledger.contracts.access.KeySecret;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What ingest takes and from whom.
 *
 * @param apiKeys who may send, beside the keys that the ledger has; none is needed once the ledger has some
 * @param maxAge how far an event's time may lie behind business time; not more than the aggregator's accepted-late, or usage is acknowledged that nobody bills
 * @param maxAhead how far an event's time may lie ahead of business time; less than the aggregator's accepted-ahead
 * @param maxBody the largest body of one request, but for lines that come without compression
 * @param maxBatchEvents the most events in one request
 * @param maxRequestsInFlight requests that may wait for the log at the same time; those of one sender at most half
 * @param maxBytesInFlight bodies that are being read or wait for the log, together; bytes count when they have come, those of one sender at most half
 * @param answerTimeout how long a request waits for the log before unconfirmed events are answered as such; above the log's own time-out
 * @param retryAfter what a sender is told to wait when the log or this service is busy
 */
@ConfigurationProperties("hourledger.ingest")
public record AcceptSettings(
        @DefaultValue List<ApiKeySettings> apiKeys,
        @DefaultValue("PT24H") Duration maxAge,
        @DefaultValue("PT1H") Duration maxAhead,
        @DefaultValue("4MB") DataSize maxBody,
        @DefaultValue("10000") int maxBatchEvents,
        @DefaultValue("256") int maxRequestsInFlight,
        @DefaultValue("64MB") DataSize maxBytesInFlight,
        @DefaultValue("PT20S") Duration answerTimeout,
        @DefaultValue("PT2S") Duration retryAfter) {

    private static final String PREFIX = "hourledger.ingest.";

    public AcceptSettings {
        apiKeys = List.copyOf(apiKeys);
        Set<String> names = new HashSet<>();
        Set<String> hashes = new HashSet<>();
        for (ApiKeySettings key : apiKeys) {
            require(names.add(key.name()), "api-keys names " + key.name() + " twice: give each key its own name");
            require(hashes.add(key.sha256()), "api-keys holds the key of " + key.name() + " twice: give each its own");
        }
        require(maxAge.compareTo(Duration.ZERO) > 0, "max-age must be above zero, such as PT24H, and is " + maxAge);
        require(!maxAhead.isNegative(), "max-ahead must not be negative; PT1H is usual, and it is " + maxAhead);
        require(maxBody.toBytes() > 0, "max-body must be above zero, such as 4MB");
        require(maxBatchEvents > 0, "max-batch-events must be above zero, such as 10000");
        require(maxRequestsInFlight > 0, "max-requests-in-flight must be above zero, such as 256");
        require(
                maxBytesInFlight.toBytes() >= 2 * maxBody.toBytes() && maxBytesInFlight.toBytes() <= Integer.MAX_VALUE,
                "max-bytes-in-flight must lie between twice max-body (" + maxBody
                        + "), since one sender holds at most half," + " and 2 GB, and is " + maxBytesInFlight);
        require(answerTimeout.toMillis() > 0, "answer-timeout must be above zero, such as PT20S");
        require(retryAfter.toMillis() > 0, "retry-after must be above zero, such as PT2S");
    }

    private static void require(boolean met, String sentence) {
        if (!met) {
            throw new IllegalArgumentException(PREFIX + sentence);
        }
    }

    /**
     * One sender.
     *
     * @param name for logs; not secret
     * @param sha256 the SHA-256 of the key, 64 hexadecimal digits in lower case, so that the settings do not hold the key itself
     * @param sources the CloudEvents sources it may send for, exactly
     * @param sourcePrefixes what a source may start with, up to the end or to one of the signs / : ? #; an empty one allows all
     * @param types the event types it may send; none allows all
     */
    public record ApiKeySettings(
            String name,
            String sha256,
            @DefaultValue List<String> sources,
            @DefaultValue List<String> sourcePrefixes,
            @DefaultValue List<String> types) {

        private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

        private static final String ID_PREFIX = "settings:";
        private static final int MAX_NAME_CHARS = ApiKey.MAX_CHARS - ID_PREFIX.length();

        public ApiKeySettings {
            sources = List.copyOf(sources);
            sourcePrefixes = List.copyOf(sourcePrefixes);
            types = List.copyOf(types);
            require(name != null && !name.isBlank(), "api-keys holds a key without a name: give it one for the logs");
            require(
                    name.length() <= MAX_NAME_CHARS,
                    "api-keys: a name has at most " + MAX_NAME_CHARS + " characters, and not " + name.length());
            require(
                    sha256 != null && SHA_256.matcher(sha256).matches(),
                    "api-keys: the sha256 of " + name + " must be 64 hexadecimal digits in lower case, as"
                            + " `printf %s KEY | sha256sum` prints them");
            require(
                    !sources.isEmpty() || !sourcePrefixes.isEmpty(),
                    "api-keys: " + name + " may send for no source: name them under sources or source-prefixes");
            require(
                    sources.stream().noneMatch(String::isBlank),
                    "api-keys: " + name + " has an empty source: name it, or allow all by an empty source-prefix");
            require(
                    types.stream().noneMatch(String::isBlank),
                    "api-keys: " + name + " has an empty type: name it, or leave types out to allow all");
        }

        /** Its id is told from those of keys that a person made. */
        ApiKey toKey() {
            return new ApiKey(
                    ID_PREFIX + name,
                    name,
                    Set.of(KeySecret.lasting(sha256)),
                    new KeyScope(sources, sourcePrefixes, Set.copyOf(types), Set.of()),
                    KeyLimits.NONE);
        }
    }
}
