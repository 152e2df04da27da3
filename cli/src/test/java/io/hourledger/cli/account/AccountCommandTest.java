package io.hourledger.cli.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.cli.CommandOnDatabase;
import io.hourledger.standalone.ExitCode;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** A person adds, suspends and resumes seller accounts, and who did it is kept. */
@Tag("servers")
class AccountCommandTest {

    private final CommandOnDatabase cli = new CommandOnDatabase();
    private final JdbcTemplate jdbc = cli.jdbc;
    private final StringWriter out = cli.out;
    private final StringWriter err = cli.err;

    @BeforeEach
    void a_database_with_one_account() {
        jdbc.update("insert into ledger.seller_account (account) values ('default')");
    }

    private int run(String... words) {
        return cli.run(words);
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

    /** A mistyped name would need a key, a topic and a lease for ever. */
    @Test
    void an_account_is_removed_only_if_nothing_was_ever_opened_for_it() {
        decide("add", "inlt", "--yes");
        decide("add", "intl", "--yes");
        jdbc.update(
                """
                insert into ledger.instance (instance_id, order_id, order_line_id, account, product_id, meter, charging_mode,
                    pricing_mode, billing_cycle, buyer_id, test, opened_at)
                values ('i', 'CS-1', 'CS-1-1', 'intl', 'P', 'egress', 'ON_DEMAND', 'FIXED', 'HOURLY', 'b', false, now())""");
        jdbc.update("update ledger.seller_account set is_first = true where account = 'default'");

        assertThat(decide("remove", "inlt")).isEqualTo(ExitCode.NOT_ALL);
        assertThat(decide("remove", "intl", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("it has an instance or a record");
        assertThat(decide("remove", "default", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(decide("remove", "inlt", "--yes")).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(decide("remove", "inlt", "--yes")).isEqualTo(ExitCode.DIFFERENT);

        assertThat(jdbc.queryForList("select account from ledger.seller_account order by 1", String.class))
                .containsExactly("default", "intl");
        assertThat(run("audit", "--format", "csv")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("li.wei,account-removed,account inlt,as agreed");
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
