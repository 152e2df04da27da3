package io.hourledger.cli.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.cli.MeteringCli;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.pusher.PusherSchema;
import io.hourledger.standalone.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import picocli.CommandLine;

/** A person adds, suspends and resumes seller accounts, and who did it is kept. */
@Tag("servers")
class AccountCommandTest {

    private final TestDatabase.Address database = TestDatabase.freshAddress();
    private final JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void a_database_with_one_account() {
        LedgerSchema.migrate(database.dataSource());
        PusherSchema.migrate(database.dataSource());
        jdbc.update("insert into ledger.seller_account (account) values ('default')");
    }

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                "--database-url",
                database.jdbcUrl(),
                "--database-user",
                database.user(),
                "--database-password",
                database.password()));
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line = MeteringCli.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(all.toArray(String[]::new));
    }

    private int decide(String what, String account, String... more) {
        List<String> all = new ArrayList<>(List.of("account", what, account, "--who", "li.wei", "--why", "as agreed"));
        all.addAll(List.of(more));
        return run(all.toArray(String[]::new));
    }

    @Test
    void an_account_is_added_once_and_only_with_yes() {
        assertThat(decide("add", "intl")).isEqualTo(ExitCode.NOT_ALL);
        assertThat(jdbc.queryForObject("select count(*) from ledger.seller_account", Long.class))
                .isOne();

        assertThat(decide("add", "intl", "--yes")).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(decide("add", "intl", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(decide("add", "Intl/2", "--yes")).isEqualTo(2);
        assertThat(decide("add", "pilot", "--shadow", "--yes")).isEqualTo(ExitCode.OK);

        assertThat(run("account", "list", "--format", "csv")).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("default,")
                .contains("intl,")
                .contains(",all,,0,,")
                .contains(",in-shadow,,0,,");
    }

    @Test
    void one_account_is_suspended_alone_and_the_audit_has_who_and_why() {
        decide("add", "intl", "--yes");

        assertThat(decide("suspend", "intl", "--yes")).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(decide("suspend", "intl", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(decide("suspend", "nobody", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(run("account", "list", "--format", "csv")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).containsOnlyOnce("li.wei: as agreed");
        assertThat(jdbc.queryForObject("select count(*) from pusher.push_suspension", Long.class))
                .isZero();

        assertThat(decide("resume", "intl", "--yes")).isEqualTo(ExitCode.OK);
        assertThat(decide("resume", "intl", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(run("audit", "--format", "csv")).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("li.wei,account-added,account intl,as agreed")
                .contains("li.wei,account-suspended,account intl,as agreed")
                .contains("li.wei,account-resumed,account intl,as agreed");
    }

    @Test
    void where_there_are_several_accounts_the_shadow_is_that_of_the_one_that_is_named() {
        decide("add", "pilot", "--shadow", "--yes");

        assertThat(run("marketplace", "shadow")).isEqualTo(ExitCode.OK);
        assertThat(err.toString()).contains("say by --account which: default, pilot");
        assertThat(run("marketplace", "shadow", "--account", "pilot")).isEqualTo(ExitCode.OK);
        assertThat(err.toString()).contains("in shadow");
        assertThat(run("marketplace", "shadow", "--account", "default")).isEqualTo(ExitCode.OK);
        assertThat(err.toString()).contains("never in shadow");
    }
}
