package io.hourledger.ledger.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import io.hourledger.contracts.access.ToldKeys;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.access.PostgresApiKeys.Change;
import io.hourledger.ledger.config.LedgerSchema;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

@Tag("servers")
class PostgresApiKeysTest {

    private static final DecidedBy LI = new DecidedBy("li.wei", "the shop goes live");
    private static final KeyScope SHOP = new KeyScope(List.of("/shop"), List.of("/mail/"), Set.of("a", "b"), Set.of());
    private static final KeyLimits LIMITS = new KeyLimits(1_000, 65_536, 10);

    private final TestDatabase.Address address = TestDatabase.freshAddress();
    private final DataSource database =
            new DriverManagerDataSource(address.jdbcUrl(), address.user(), address.password());
    private final PostgresApiKeys keys = new PostgresApiKeys(database);
    private final NewSecret first = NewSecret.draw();
    private final NewSecret second = NewSecret.draw();
    private final NewSecret third = NewSecret.draw();

    @BeforeEach
    void migrate() {
        LedgerSchema.migrate(database);
    }

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
        assertThat(only().secrets()).containsExactly(first.sha256());
        assertThat(first.show()).startsWith("hlk_").hasSizeGreaterThan(40);
        List<String> stored = new JdbcTemplate(database)
                .queryForList("select k::text || s::text from ledger.api_key k, ledger.api_key_secret s", String.class);
        assertThat(stored).singleElement().asString().doesNotContain(first.show());
    }

    @Test
    void two_secrets_are_valid_while_a_key_is_rotated_and_never_three() {
        keys.create("shop", SHOP, LIMITS, first, LI);
        String id = only().id();
        assertThat(keys.rotate("shop", Duration.ofHours(24), second, LI)).isEqualTo(Change.DONE);
        assertThat(only().secrets()).containsExactlyInAnyOrder(first.sha256(), second.sha256());
        assertThat(only().id()).isEqualTo(id);

        keys.rotate("shop", Duration.ofHours(24), third, LI);
        assertThat(only().secrets()).containsExactlyInAnyOrder(second.sha256(), third.sha256());

        keys.rotate("shop", Duration.ZERO, NewSecret.draw(), LI);
        assertThat(only().secrets()).hasSize(1).doesNotContain(third.sha256());
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
        assertThat(keys.rotate("shop", Duration.ZERO, second, LI)).isEqualTo(Change.NO_SUCH_KEY);
        assertThat(keys.create("shop", SHOP, LIMITS, second, LI)).isEqualTo(Change.NAME_TAKEN);
    }

    @Test
    void what_is_told_after_a_change_is_newer_and_after_none_as_old() {
        ToldKeys before = keys.told();
        keys.create("shop", SHOP, LIMITS, first, LI);
        ToldKeys created = keys.told();
        assertThat(before.isOlderThan(created)).isTrue();
        assertThat(keys.told()).isEqualTo(created);

        keys.rotate("shop", Duration.ZERO, second, LI);
        ToldKeys rotated = keys.told();
        assertThat(created.isOlderThan(rotated)).isTrue();
        keys.revoke("shop", LI);
        assertThat(rotated.isOlderThan(keys.told())).isTrue();
    }
}
