package io.hourledger.ledger.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import io.hourledger.contracts.access.KeySecret;
import io.hourledger.contracts.access.ToldKeys;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;

@Tag("fast")
class ApiKeyLookupTest {

    private static final Instant NOON = Instant.parse("2026-12-01T12:00:00Z");
    private static final Clock AT_NOON = Clock.fixed(NOON, ZoneOffset.UTC);

    private final AtomicInteger reads = new AtomicInteger();

    private static ToldKeys told(KeySecret... secrets) {
        KeyScope shop = new KeyScope(List.of("/shop"), List.of(), Set.of(), Set.of());
        return new ToldKeys(
                UUID.randomUUID(), 1, 1, List.of(new ApiKey("k", "shop", Set.of(secrets), shop, KeyLimits.NONE)));
    }

    @Test
    void guessed_secrets_cost_no_query_each() {
        ToldKeys keys = told(KeySecret.lasting(KeySecret.sha256Of("right")));
        ApiKeyLookup lookup = new ApiKeyLookup(
                () -> {
                    reads.incrementAndGet();
                    return keys;
                },
                AT_NOON);

        for (int guess = 0; guess < 1_000; guess++) {
            assertThat(lookup.find("guess-" + guess)).isEmpty();
        }

        assertThat(lookup.find("right")).map(ApiKey::name).contains("shop");
        assertThat(reads).hasValue(1);
    }

    @Test
    void a_secret_that_has_ended_since_it_was_read_is_of_no_key() {
        ApiKeyLookup lookup = new ApiKeyLookup(
                () -> told(
                        new KeySecret(KeySecret.sha256Of("ended"), NOON),
                        new KeySecret(KeySecret.sha256Of("ends"), NOON.plusSeconds(1))),
                AT_NOON);

        assertThat(lookup.find("ended")).isEmpty();
        assertThat(lookup.find("ends")).isPresent();
    }

    @Test
    void keys_that_cannot_be_read_let_nobody_in_and_are_not_asked_for_by_each_request() {
        ApiKeyLookup lookup = new ApiKeyLookup(
                () -> {
                    reads.incrementAndGet();
                    throw new DataAccessResourceFailureException("away");
                },
                AT_NOON);

        for (int request = 0; request < 100; request++) {
            assertThatThrownBy(() -> lookup.find("right")).isInstanceOf(DataAccessException.class);
        }
        assertThat(reads.get()).isLessThan(50);
    }
}
