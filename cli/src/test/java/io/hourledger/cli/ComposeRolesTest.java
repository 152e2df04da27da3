package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.aggregator.postgres.AggregatorSchema;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The databases and roles that compose makes are enough for the services, and no more. */
@Tag("servers")
class ComposeRolesTest {

    @Test
    void a_role_that_is_no_superuser_makes_the_tables_and_the_simulators_role_sees_none() throws Exception {
        TestDatabase.Address address = TestDatabase.freshAddress();
        JdbcTemplate owner =
                new JdbcTemplate(new DriverManagerDataSource(address.jdbcUrl(), address.user(), address.password()));
        String suffix = "_" + Long.toString(System.nanoTime(), 36);
        for (String statement : statements(suffix)) {
            owner.execute(statement);
        }
        DriverManagerDataSource ledger = new DriverManagerDataSource(
                address.jdbcUrl().replaceFirst("/[^/]*$", "/hourledger" + suffix), "hourledger" + suffix, "p1");
        LedgerSchema.migrate(ledger);
        AggregatorSchema.migrate(ledger);
        assertThat(new JdbcTemplate(ledger).queryForObject("select count(*) from ledger.event", Long.class))
                .isZero();
        assertThat(new JdbcTemplate(ledger)
                        .queryForObject("select rolsuper from pg_roles where rolname = current_user", Boolean.class))
                .isFalse();
        assertThatThrownBy(() -> new DriverManagerDataSource(ledger.getUrl(), "gallery" + suffix, "p2").getConnection())
                .hasMessageContaining("permission denied");
    }

    /** Without psql's own commands, and with names that no other test has. */
    private static List<String> statements(String suffix) throws Exception {
        String sql = Files.readString(Repository.root().resolve("ops/compose/roles.sql"))
                .replaceAll("(?m)^(\\\\|--).*$", "")
                .replace(":'ledger_password'", "'p1'")
                .replace(":'gallery_password'", "'p2'")
                .replaceAll("\\b(hourledger|gallery)\\b", "$1" + suffix);
        return List.of(sql.split(";")).stream()
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                .toList();
    }
}
