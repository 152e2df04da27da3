package io.hourledger.cli.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.cli.MeteringCli;
import io.hourledger.embedded.TestBroker;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.ledger.installation.Installation;
import io.hourledger.standalone.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine;

@Tag("servers")
class IncarnationCommandTest {

    private final TestDatabase.Address database = TestDatabase.freshAddress();
    private final String topic = TestBroker.freshName("installations");
    private StringWriter said = new StringWriter();

    private int run(String... command) {
        said = new StringWriter();
        List<String> all = new ArrayList<>(Arrays.asList(command));
        all.addAll(List.of("--database-url", database.jdbcUrl()));
        all.addAll(List.of("--database-user", database.user(), "--database-password", database.password()));
        all.addAll(List.of("--bootstrap-servers", TestBroker.bootstrapServers()));
        all.addAll(List.of("--set", "hourledger.journal.installations-topic=" + topic));
        all.addAll(List.of("--set", "hourledger.kafka.unsafe-topic-allowed=true"));
        CommandLine line = MeteringCli.commandLine();
        line.setOut(new PrintWriter(said, true)).setErr(new PrintWriter(said, true));
        return line.execute(all.toArray(String[]::new));
    }

    @Test
    void an_operator_sees_which_incarnation_is_in_force_and_draws_another() {
        LedgerSchema.migrate(database.dataSource());
        assertThat(run("ledger", "incarnation")).as(said.toString()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(said.toString()).contains("draws incarnation 1 (first)");

        try (Installation service = Installation.journaled(
                database.dataSource(), Map.of("bootstrap.servers", TestBroker.bootstrapServers()), topic, true)) {
            service.look();
            assertThat(run("ledger", "incarnation")).as(said.toString()).isEqualTo(ExitCode.OK);
            assertThat(said.toString()).contains("installation " + service.id() + ": incarnation 1, in force", "first");
        }

        String[] draw = {"ledger", "incarnation", "draw", "--who", "li.wei", "--why", "the standby lagged"};
        assertThat(run(draw)).isEqualTo(ExitCode.NOT_ALL);
        assertThat(said.toString()).contains("nothing has happened yet");
        String[] yes = Arrays.copyOf(draw, draw.length + 1);
        yes[draw.length] = "--yes";
        assertThat(run(yes)).as(said.toString()).isEqualTo(ExitCode.OK);
        assertThat(run("ledger", "incarnation")).isEqualTo(ExitCode.OK);
        assertThat(said.toString()).contains("incarnation 2, in force", "li.wei", "the standby lagged");
        assertThat(JdbcClient.create(database.dataSource())
                        .sql("select decided_by from ledger.installation")
                        .query(String.class)
                        .single())
                .isEqualTo("li.wei");
    }
}
