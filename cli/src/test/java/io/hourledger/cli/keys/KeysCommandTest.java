package io.hourledger.cli.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.cli.AllTables;
import io.hourledger.cli.MeteringCli;
import io.hourledger.contracts.access.ApiKey;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.access.PostgresApiKeys;
import io.hourledger.standalone.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import picocli.CommandLine;

/** A person makes, rotates and ends keys. */
@Tag("servers")
class KeysCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final TestDatabase.Address address = AllTables.fresh();
    private final DataSource database =
            new DriverManagerDataSource(address.jdbcUrl(), address.user(), address.password());
    private final PostgresApiKeys keys = new PostgresApiKeys(database);

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of("keys"));
        all.addAll(Arrays.asList(arguments));
        all.addAll(List.of("--database-url", address.jdbcUrl()));
        all.addAll(List.of("--database-user", address.user(), "--database-password", address.password()));
        CommandLine line = MeteringCli.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(all.toArray(String[]::new));
    }

    private int decide(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--who", "li.wei", "--why", "the shop goes live"));
        return run(all.toArray(String[]::new));
    }

    @Test
    void a_secret_is_printed_once_when_a_key_is_made_and_when_it_is_rotated() {
        assertThat(decide("create", "shop", "--source", "/shop")).isEqualTo(ExitCode.NOT_ALL);
        assertThat(err.toString()).contains("nothing has happened yet").contains("sources /shop");
        assertThat(keys.all()).isEmpty();

        assertThat(decide("create", "shop", "--source", "/shop", "--events-per-second", "50", "--yes"))
                .isEqualTo(ExitCode.OK);
        String first = out.toString().strip();
        assertThat(first).startsWith("hlk_");

        assertThat(decide("rotate", "shop", "--yes")).isEqualTo(ExitCode.OK);
        String second = out.toString().strip();
        assertThat(second).startsWith("hlk_").isNotEqualTo(first);
        ApiKey key = keys.told().keys().getFirst();
        assertThat(key.secrets()).hasSize(2);
        assertThat(key.limits().eventsPerSecond()).isEqualTo(50);

        assertThat(decide("rotate", "shop")).isEqualTo(ExitCode.NOT_ALL);
        assertThat(err.toString()).contains("the older one is valid until");
        assertThat(decide("rotate", "shop", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("--end-older");
        assertThat(keys.told().keys().getFirst().secrets()).isEqualTo(key.secrets());

        assertThat(run("list")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("shop").doesNotContain(first).doesNotContain(second);
    }

    @Test
    void a_key_is_bound_to_products_and_the_list_says_so() {
        assertThat(decide("create", "shop", "--source", "/shop", "--product", "web", "--product", "api", "--yes"))
                .isEqualTo(ExitCode.OK);

        assertThat(keys.told().keys().getFirst().scope().products()).containsExactlyInAnyOrder("api", "web");
        assertThat(run("list")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("instances of products api, web");
    }

    @Test
    void a_revoked_key_is_told_no_more_and_stands_in_the_list_of_all() {
        decide("create", "shop", "--source", "/shop", "--yes");
        assertThat(decide("revoke", "shop", "--yes")).isEqualTo(ExitCode.OK);

        assertThat(keys.told().keys()).isEmpty();
        run("list");
        assertThat(out.toString()).doesNotContain("/shop");
        run("list", "--all");
        assertThat(out.toString()).contains("/shop");
        assertThat(decide("revoke", "shop", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(decide("create", "shop", "--source", "/shop", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("a name is never given twice");
    }

    @Test
    void a_key_for_no_source_is_refused_with_a_sentence() {
        assertThat(decide("create", "shop", "--yes")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("for no source");
    }
}
