package io.hourledger.ledger.access;

import io.hourledger.contracts.access.ApiKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key with what a person asks about it.
 *
 * @param key with the secrets that are valid now; none once it is revoked
 * @param oldSecretUntil when the older of two secrets ends; null if there are not two
 * @param revokedAt null while it is valid
 */
public record StoredKey(
        ApiKey key,
        Instant createdAt,
        String createdBy,
        @Nullable Instant oldSecretUntil,
        @Nullable Instant revokedAt) {}
