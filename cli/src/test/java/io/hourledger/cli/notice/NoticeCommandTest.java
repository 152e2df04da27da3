package io.hourledger.cli.notice;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.cli.AllTables;
import io.hourledger.cli.MeteringCli;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.standalone.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine;

@Tag("servers")
class NoticeCommandTest {

    private final TestDatabase.Address database = AllTables.fresh();
    private StringWriter said = new StringWriter();

    private int run(String... command) {
        said = new StringWriter();
        List<String> all = new ArrayList<>(Arrays.asList(command));
        all.addAll(List.of("--database-url", database.jdbcUrl()));
        all.addAll(List.of("--database-user", database.user(), "--database-password", database.password()));
        CommandLine line = MeteringCli.commandLine();
        line.setOut(new PrintWriter(said, true)).setErr(new PrintWriter(said, true));
        return line.execute(all.toArray(String[]::new));
    }

    @Test
    void a_person_sees_what_an_endpoint_did_not_take_and_sends_it_again() {
        JdbcClient jdbc = JdbcClient.create(database.dataSource());
        assertThat(run("notice", "list")).as(said.toString()).isEqualTo(ExitCode.OK);

        jdbc.sql(
                        """
                        insert into pusher.notice (id, instance_id, type, body)
                        select 'ntc_' || n, 'i-' || n, 'io.hourledger.instance.released', '{}' from generate_series(1, 2) as n""")
                .update();
        jdbc.sql(
                        """
                        insert into pusher.notice_dead_letter (endpoint, position, tries, last_error)
                        select 'shop', position, 7, 'HTTP 500' from pusher.notice""")
                .update();
        assertThat(run("notice", "list", "--instance", "i-1")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(said.toString()).contains("shop", "ntc_1", "HTTP 500").doesNotContain("ntc_2");

        String[] resend = {"notice", "resend", "shop", "ntc_1", "--who", "li.wei", "--why", "the app is mended"};
        assertThat(run(resend)).isEqualTo(ExitCode.NOT_ALL);
        assertThat(said.toString()).contains("ntc_1", "nothing has happened yet");
        String[] yes = Arrays.copyOf(resend, resend.length + 1);
        yes[resend.length] = "--yes";
        assertThat(run(yes)).as(said.toString()).isEqualTo(ExitCode.OK);
        assertThat(run(yes)).isEqualTo(ExitCode.DIFFERENT);
        assertThat(said.toString()).contains("ntc_1 is no open dead letter of endpoint shop");

        assertThat(run("notice", "list", "--all", "--format", "csv")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(said.toString())
                .contains(
                        "li.wei", "the app is mended", "endpoint shop: notices of 1 instances wait, the oldest since ");
        assertThat(jdbc.sql("select instance_id from pusher.notice_queue")
                        .query(String.class)
                        .list())
                .containsExactly("i-1");

        assertThat(run("notice", "resend", "shop", "--who", "li.wei", "--why", "the rest", "--yes"))
                .isEqualTo(ExitCode.OK);
        assertThat(run("notice", "list")).isEqualTo(ExitCode.OK);
    }
}
