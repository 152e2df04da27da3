package io.hourledger.ledger.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import io.hourledger.contracts.access.KeySecret;
import io.hourledger.contracts.access.ToldKeys;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.access.PostgresApiKeys.Change;
import io.hourledger.ledger.access.PostgresApiKeys.Older;
import io.hourledger.ledger.store.TestLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

@Tag("servers")
class PostgresApiKeysTest {

    private static final DecidedBy LI = new DecidedBy("li.wei", "the shop goes live");
    private static final KeyScope SHOP = new KeyScope(List.of("/shop"), List.of("/mail/"), Set.of("a", "b"), Set.of());
    private static final KeyLimits LIMITS = new KeyLimits(1_000, 65_536, 10);

    private final TestDatabase.Address address = TestLedger.freshDatabase();
    private final DataSource database =
            new DriverManagerDataSource(address.jdbcUrl(), address.user(), address.password());
    private final PostgresApiKeys keys = new PostgresApiKeys(database);
    private final NewSecret first = NewSecret.draw();
    private final NewSecret second = NewSecret.draw();
    private final NewSecret third = NewSecret.draw();

    private ApiKey only() {
        List<ApiKey> told = keys.told().keys();
        assertThat(told).hasSize(1);
        return told.getFirst();
    }

    @Test
    void a_key_is_stored_with_the_hash_of_its_secret_and_nothing_else_of_it() {
        assertThat(keys.create("shop", SHOP, LIMITS, first, LI)).isEqualTo(Change.DONE);

        assertThat(only().name()).isEqualTo("shop");
        assertThat(only().scope()).isEqualTo(SHOP);
        assertThat(only().limits()).isEqualTo(LIMITS);
        assertThat(only().secrets()).extracting(KeySecret::sha256).containsExactly(first.sha256());
        assertThat(first.show()).startsWith("hlk_").hasSizeGreaterThan(40);
        List<String> stored = new JdbcTemplate(database)
                .queryForList("select k::text || s::text from ledger.api_key k, ledger.api_key_secret s", String.class);
        assertThat(stored).singleElement().asString().doesNotContain(first.show());
    }

    @Test
    void two_secrets_are_valid_while_a_key_is_rotated_and_never_three() {
        keys.create("shop", SHOP, LIMITS, first, LI);
        String id = only().id();
        assertThat(keys.rotate("shop", Duration.ofHours(24), Older.KEEP, second, LI))
                .isEqualTo(Change.DONE);
        assertThat(only().secrets())
                .extracting(KeySecret::sha256)
                .containsExactlyInAnyOrder(first.sha256(), second.sha256());
        assertThat(only().id()).isEqualTo(id);

        keys.rotate("shop", Duration.ofHours(24), Older.END, third, LI);
        assertThat(only().secrets())
                .extracting(KeySecret::sha256)
                .containsExactlyInAnyOrder(second.sha256(), third.sha256());

        keys.rotate("shop", Duration.ZERO, Older.END, NewSecret.draw(), LI);
        assertThat(only().secrets()).extracting(KeySecret::sha256).hasSize(1).doesNotContain(third.sha256());
    }

    @Test
    void a_revoked_key_is_told_no_more_and_its_name_is_not_given_again() {
        keys.create("shop", SHOP, LIMITS, first, LI);
        assertThat(keys.revoke("shop", LI)).isEqualTo(Change.DONE);

        assertThat(keys.told().keys()).isEmpty();
        assertThat(keys.all()).singleElement().satisfies(key -> {
            assertThat(key.revokedAt()).isNotNull();
            assertThat(key.key().secrets()).isEmpty();
        });
        assertThat(keys.revoke("shop", LI)).isEqualTo(Change.NO_SUCH_KEY);
        assertThat(keys.rotate("shop", Duration.ZERO, Older.KEEP, second, LI)).isEqualTo(Change.NO_SUCH_KEY);
        assertThat(keys.create("shop", SHOP, LIMITS, second, LI)).isEqualTo(Change.NAME_TAKEN);
    }

    @Test
    void what_is_told_after_a_change_is_newer_and_after_none_as_old() {
        ToldKeys before = keys.told();
        keys.create("shop", SHOP, LIMITS, first, LI);
        ToldKeys created = keys.told();
        assertThat(before.isOlderThan(created)).isTrue();
        assertThat(keys.told()).isEqualTo(created);

        keys.rotate("shop", Duration.ZERO, Older.KEEP, second, LI);
        ToldKeys rotated = keys.told();
        assertThat(created.isOlderThan(rotated)).isTrue();
        keys.revoke("shop", LI);
        assertThat(rotated.isOlderThan(keys.told())).isTrue();
    }

    @Test
    void a_second_rotation_does_not_end_a_secret_that_is_in_use() {
        keys.create("shop", SHOP, LIMITS, first, LI);
        keys.rotate("shop", Duration.ofHours(24), Older.KEEP, second, LI);

        assertThat(keys.rotate("shop", Duration.ofHours(24), Older.KEEP, third, LI))
                .isEqualTo(Change.OLDER_SECRET_VALID);
        assertThat(only().secrets())
                .extracting(KeySecret::sha256)
                .containsExactlyInAnyOrder(first.sha256(), second.sha256());
    }

    @Test
    void the_end_of_a_secret_is_told_so_that_nobody_need_live_to_end_it() {
        keys.create("shop", SHOP, LIMITS, first, LI);
        keys.rotate("shop", Duration.ofHours(24), Older.KEEP, second, LI);

        Instant until = keys.all().getFirst().oldSecretUntil();
        assertThat(until).isNotNull();
        assertThat(only().secrets())
                .containsExactlyInAnyOrder(new KeySecret(first.sha256(), until), KeySecret.lasting(second.sha256()));
    }

    /** Else one large key would keep all revocations from ingest. */
    @Test
    void a_key_with_which_the_keys_could_not_be_told_is_refused() {
        KeyScope large = new KeyScope(List.of("/".repeat(ToldKeys.MOST_BYTES)), List.of(), Set.of(), Set.of());

        assertThat(keys.create("large", large, LIMITS, first, LI)).isEqualTo(Change.TOO_LARGE);
        assertThat(keys.all()).isEmpty();
        assertThat(keys.create("shop", SHOP, LIMITS, second, LI)).isEqualTo(Change.DONE);
    }

    /** A key that a newer release has bound more narrowly would be told as one without that bound. */
    @Test
    void a_member_of_a_scope_that_is_not_known_is_not_dropped() {
        keys.create("shop", SHOP, LIMITS, first, LI);
        new JdbcTemplate(database).update("update ledger.api_key set scope = scope || '{\"regions\": [\"eu\"]}'");

        assertThatThrownBy(keys::told).hasMessageContaining("regions");
    }

    @Test
    void what_an_installation_tells_bears_its_name_and_says_nothing_of_the_age_of_another() {
        ToldKeys told = keys.told();
        UUID id = new JdbcTemplate(database).queryForObject("select id from ledger.installation", UUID.class);

        assertThat(told.installation()).isEqualTo(id);
        assertThat(told.isOlderThan(new ToldKeys(UUID.randomUUID(), 37, 40, List.of())))
                .isFalse();
    }
}
