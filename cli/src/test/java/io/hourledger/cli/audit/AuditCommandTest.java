package io.hourledger.cli.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.postgres.AggregatorSchema;
import io.hourledger.cli.CommandOnDatabase;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.pusher.PusherSchema;
import io.hourledger.standalone.ExitCode;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

@Tag("servers")
class AuditCommandTest {

    private final CommandOnDatabase cli = new CommandOnDatabase();
    private final TestDatabase.Address database = cli.database;
    private final JdbcClient jdbc = JdbcClient.create(database.dataSource());

    private int run(String... words) {
        return cli.run(words);
    }

    /** What the last command said, on either output. */
    private String said() {
        return cli.out.toString() + cli.err;
    }

    @Test
    void every_column_that_names_a_person_is_in_the_audit() {
        migrateAll();

        List<String> columns = jdbc.sql(
                        """
                        select table_schema || '.' || table_name || '.' || column_name from information_schema.columns
                         where table_schema in ('ledger', 'aggregator', 'pusher') and table_name <> 'flyway_schema_history'
                           and (column_name = 'who' or column_name like '%\\_by')
                           and column_name not in ('put_by', 'ended_by', 'expected_by') -- an app's key, a cause, a time""")
                .query(String.class)
                .list();

        assertThat(DecisionSource.ALL.stream()
                        .map(source -> source.table() + "." + source.who())
                        .filter(column -> !column.equals("ledger.event.payload")))
                .containsExactlyInAnyOrderElementsOf(columns);
    }

    @Test
    void the_newest_decision_stands_first_with_who_and_why_from_whatever_schema() {
        migrateAll();
        jdbc.sql(
                        """
                        insert into ledger.event (instance_id, sequence_number, event_type, revision, payload, recorded_at)
                        values ('i-1', 1, 'instance-opened', 1, '{"buyerId": "b"}', '2026-11-20T00:00:00Z'),
                               ('i-1', 2, 'remainder-written-off', 1, '{"who": "li.wei", "why": "it has ended"}', '2026-11-21T00:00:00Z')""")
                .update();
        jdbc.sql(
                        """
                        insert into aggregator.quarantine_decision (partition, log_offset, decision, decided_at, decided_by, why)
                        values (3, 77, 'written-off', '2026-11-22T00:00:00Z', 'chen.yu', 'a test of the app')""")
                .update();
        jdbc.sql(
                        """
                        insert into pusher.push_suspension (since, who, why, resumed_at, resumed_by, resumed_why)
                        values ('2026-11-23T00:00:00Z', 'chen.yu', 'the disk is full', '2026-11-23T01:00:00Z', 'li.wei', 'it has room')""")
                .update();

        assertThat(run("audit", "--format", "csv")).as(said()).isEqualTo(ExitCode.OK);
        assertThat(said().lines().toList())
                .startsWith(
                        "at,who,what,about,why",
                        "2026-11-23T01:00:00Z,li.wei,pushing-resumed,suspension 1,it has room",
                        "2026-11-23T00:00:00Z,chen.yu,pushing-suspended,suspension 1,the disk is full",
                        "2026-11-22T00:00:00Z,chen.yu,quarantined-written-off,\"partition 3, offset 77\",a test of the app",
                        "2026-11-21T00:00:00Z,li.wei,remainder-written-off,instance i-1,it has ended");

        assertThat(run("audit", "--who", "li.wei", "--since", "2026-11-22T00:00:00Z", "--format", "csv"))
                .isEqualTo(ExitCode.OK);
        assertThat(said()).contains("it has room").doesNotContain("it has ended", "chen.yu");

        assertThat(run("audit", "--limit", "1")).isEqualTo(ExitCode.OK);
        assertThat(said()).contains("it has room", "there are more: --limit 10").doesNotContain("chen.yu");
    }

    @Test
    void a_database_with_the_ledger_alone_has_an_audit_too() {
        LedgerSchema.migrate(database.dataSource());
        assertThat(run("audit")).as(said()).isEqualTo(ExitCode.OK);
    }

    private void migrateAll() {
        LedgerSchema.migrate(database.dataSource());
        AggregatorSchema.migrate(database.dataSource());
        PusherSchema.migrate(database.dataSource());
    }
}
