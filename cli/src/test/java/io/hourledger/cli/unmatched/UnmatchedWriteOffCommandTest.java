package io.hourledger.cli.unmatched;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.postgres.AggregatorSchema;
import io.hourledger.cli.MeteringCli;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.standalone.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine;

@Tag("servers")
class UnmatchedWriteOffCommandTest {

    private final TestDatabase.Address database = TestDatabase.freshAddress();
    private final JdbcClient jdbc = JdbcClient.create(database.dataSource());
    private StringWriter said = new StringWriter();

    @BeforeEach
    void usage_of_three_hours_waits() {
        LedgerSchema.migrate(database.dataSource());
        AggregatorSchema.migrate(database.dataSource());
        jdbc.sql(
                        """
                        insert into aggregator.bucket (partition, hour, instance, meter, raw_total, events, first_event_at, last_event_at,
                                                       first_offset, last_offset, state, state_at, detail)
                        values (0, '2026-03-01T10:00:00Z', 'I-0NE', 'egress', 7, 2, now(), now(), 1, 2, 'unmatched', now(), 'no instance'),
                               (0, '2026-03-01T10:00:00Z', 'i-2', 'egress', 7, 3, now(), now(), 3, 5, 'blocked', now(), 'broken'),
                               (0, '2026-03-01T11:00:00Z', 'i-2', 'egress', 7, 4, now(), now(), 6, 9, 'blocked', now(), 'behind it')""")
                .update();
        jdbc.sql("insert into aggregator.bucket_total values (0, 'unmatched', 1, 2), (0, 'blocked', 2, 7)")
                .update();
    }

    private int run(String... command) {
        said = new StringWriter();
        List<String> all = new ArrayList<>(Arrays.asList(command));
        all.addAll(List.of("--database-url", database.jdbcUrl()));
        all.addAll(List.of("--database-user", database.user(), "--database-password", database.password()));
        CommandLine line = MeteringCli.commandLine();
        line.setOut(new PrintWriter(said, true)).setErr(new PrintWriter(said, true));
        return line.execute(all.toArray(String[]::new));
    }

    private int writeOff(String... more) {
        List<String> all = new ArrayList<>(List.of("unmatched", "write-off", "--who", "li.wei", "--why", "misspelt"));
        all.addAll(Arrays.asList(more));
        return run(all.toArray(String[]::new));
    }

    private List<String> totals() {
        return jdbc.sql("select state || ' ' || buckets || ' ' || events from aggregator.bucket_total order by state")
                .query(String.class)
                .list();
    }

    @Test
    void nothing_is_written_off_before_it_is_meant_and_then_it_is_in_the_audit() {
        assertThat(writeOff("I-0NE", "--state", "unmatched"))
                .as(said.toString())
                .isEqualTo(ExitCode.NOT_ALL);
        assertThat(said.toString()).contains("would be written off", "no instance");
        assertThat(run("unmatched", "list")).isEqualTo(ExitCode.DIFFERENT);

        assertThat(writeOff("I-0NE", "--state", "unmatched", "--yes"))
                .as(said.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(run("unmatched", "list")).as(said.toString()).isEqualTo(ExitCode.OK);
        assertThat(totals()).containsExactly("blocked 2 7", "unmatched 0 0", "written-off 1 2");
        assertThat(run("audit", "--format", "csv")).isEqualTo(ExitCode.OK);
        assertThat(said.toString()).contains("li.wei,unmatched-usage-written-off", "misspelt");
        assertThat(writeOff("I-0NE", "--state", "unmatched", "--yes")).isEqualTo(ExitCode.DIFFERENT);
    }

    @Test
    void of_a_blocked_instance_only_what_is_named_is_written_off() {
        assertThat(writeOff("i-2", "--state", "blocked", "--yes")).isEqualTo(ExitCode.USAGE);
        assertThat(writeOff("i-2", "--state", "blocked", "--until", "2026-03-01T10:00:00Z", "--yes"))
                .as(said.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(totals()).containsExactly("blocked 1 4", "unmatched 1 2", "written-off 1 3");
        assertThat(writeOff("i-2", "--state", "lost", "--yes")).isEqualTo(ExitCode.USAGE);
    }
}
