package io.hourledger.cli.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand.FreezeInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestBroker;
import io.hourledger.ledger.instance.InstanceDecider;
import io.hourledger.ledger.instance.SellerPolicy;
import io.hourledger.ledger.seal.SealSigner;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.ledger.store.EventTable;
import io.hourledger.ledger.store.PostgresLedger;
import io.hourledger.standalone.ExitCode;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import picocli.CommandLine;

/** {@code verify} as it is run, over a real log that was counted, a real ledger and real seals; then somebody gets at the database. */
@Tag("servers")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class VerifyCommandTest {

    private static final String KEY = SealedHour.KEY;
    private static final Instant TEN = SealedHour.TEN;

    @TempDir
    private static Path folder;

    private static SealedHour hour;
    private static JdbcTemplate jdbc;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void an_hour_of_three_instances_counted_metered_and_sealed() throws Exception {
        hour = new SealedHour(folder);
        jdbc = hour.jdbc;
        jdbc.execute("create table public.kept_event as select * from ledger.event");
        jdbc.execute("create table public.kept_state as select * from ledger.instance_snapshot");
    }

    @AfterAll
    static void close() {
        hour.close();
    }

    @BeforeEach
    void the_ledger_as_it_was_written() {
        jdbc.execute("delete from ledger.event");
        jdbc.execute("insert into ledger.event overriding system value select * from public.kept_event");
        jdbc.execute("delete from ledger.instance_snapshot");
        jdbc.execute("insert into ledger.instance_snapshot select * from public.kept_state");
    }

    @Test
    @Order(1)
    void a_ledger_that_nobody_touched_is_checked_whole_and_fits() {
        assertThat(verify()).as(out + "\n" + err).isEqualTo(ExitCode.OK);
        assertThat(err.toString())
                .contains("9 events, ")
                .contains(" 0 events not sealed yet")
                .contains("counted again and equal, with 3 amounts")
                .contains("0 differ, 0 could not be checked");
    }

    @Test
    @Order(2)
    void a_record_on_its_way_that_waits_nowhere_is_named_since_nobody_will_send_it() {
        jdbc.execute("create table public.kept_outbox as select * from ledger.outbox");
        String sn = jdbc.queryForObject(
                "delete from ledger.outbox where instance_id = 'i-1' returning metering_sn", String.class);
        try {
            assertThat(verify("--only", "queue")).as(out + "\n" + err).isEqualTo(ExitCode.DIFFERENT);
            assertThat(out.toString())
                    .contains("record " + sn + " of instance i-1")
                    .contains("nobody will send it");
            assertThat(err.toString()).contains("2 records wait to be sent").contains("1 differ");
        } finally {
            jdbc.execute("delete from ledger.outbox");
            jdbc.execute("insert into ledger.outbox select * from public.kept_outbox");
        }
    }

    @Test
    @Order(2)
    void a_record_with_an_outcome_that_waits_all_the_same_is_named_since_it_may_be_billed_twice() {
        jdbc.update("update ledger.usage_record set state = 'reported' where instance_id = 'i-1'");
        try {
            assertThat(verify("--only", "queue")).as(out + "\n" + err).isEqualTo(ExitCode.DIFFERENT);
            assertThat(out.toString()).contains("of instance i-1").contains("hold pushing");
        } finally {
            jdbc.update("update ledger.usage_record set state = 'in-flight' where instance_id = 'i-1'");
        }
    }

    @Test
    @Order(2)
    void a_record_is_traced_to_its_events_and_their_repeats() {
        String sn = MeteringSn.of("i-1", UsageWindow.of(new UsageHour(TEN))).value();
        assertThat(run("trace", sn, "--format", "csv")).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(out.toString().lines().skip(1).map(line -> line.replaceAll("^([^,]*,){4}", "")))
                .containsExactly(
                        "/app,first,2026-03-01T10:00:30Z,2026-03-01T10:01:00Z,1.25,counted",
                        "/app,second,2026-03-01T10:00:30Z,2026-03-01T10:01:00Z,1.25,counted",
                        "/app,first,2026-03-01T10:00:30Z,2026-03-01T10:01:00Z,1.25,duplicate");
    }

    @Test
    @Order(2)
    void an_amount_that_was_changed_is_found_by_its_digest_and_by_the_log() {
        jdbc.update(
                "update ledger.event set payload = payload || '{\"amount\": \"2\"}' where instance_id = 'i-1' and event_type = 'hour-metered'");

        assertThat(verify()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString())
                .contains("i-1 event 1 (hour-metered),\"its digest does not fit")
                .contains("hour 2026-03-01T10:00:00Z, instance i-1, meter egress\",\"the log has 2.5 in 2 events")
                .contains("the ledger has 2 in 2 events");
    }

    @Test
    @Order(2)
    void an_event_removed_from_the_middle_is_found_by_its_place_and_by_the_log() {
        jdbc.update("delete from ledger.event where instance_id = 'i-2' and event_type = 'hour-metered'");

        assertThat(verify()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString())
                .contains("i-2 event 2 (usage-record-issued),stands behind event 0; what was between is removed")
                .contains("instance i-2, meter egress\",\"the log has 2.5 in 2 events")
                .contains("the ledger has nothing");
    }

    @Test
    @Order(2)
    void a_tail_cut_off_before_the_last_seal_together_with_the_state_that_knew_it_is_found_by_the_seal() {
        jdbc.update(
                """
                delete from ledger.event where instance_id = (
                    select instance_id from ledger.event order by transaction_id desc, position desc limit 1)
                """);
        jdbc.update(
                "delete from ledger.instance_snapshot where instance_id not in (select instance_id from ledger.event)");

        assertThat(verify("--only", "events")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString())
                .contains("9 events were sealed at ")
                .contains("but there are only 6 (")
                .contains("the tail was cut");
    }

    @Test
    @Order(2)
    void an_event_slipped_in_is_found() {
        jdbc.update(
                """
                insert into ledger.event (instance_id, sequence_number, event_type, revision, payload, digest)
                select 'i-3', 3, event_type, revision, payload, digest
                from ledger.event where instance_id = 'i-3' and sequence_number = 2
                """);

        assertThat(verify("--only", "events")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("i-3 event 3 (usage-record-issued),\"its digest does not fit");
    }

    @Test
    @Order(2)
    void whoever_recomputes_a_plain_chain_over_what_he_changed_is_found() {
        jdbc.update(
                "update ledger.event set payload = payload || '{\"amount\": \"2\"}' where instance_id = 'i-1' and event_type = 'hour-metered'");
        jdbc.execute(
                """
                do $$
                declare
                    before bytea := '';
                    e record;
                begin
                    for e in select * from ledger.event order by instance_id, sequence_number loop
                        if e.sequence_number = 0 then before := ''; end if;
                        before := sha256(before || convert_to(e.payload::text, 'UTF8'));
                        update ledger.event set digest = before
                        where instance_id = e.instance_id and sequence_number = e.sequence_number;
                    end loop;
                    update ledger.instance_snapshot s set digest = (select digest from ledger.event l
                        where l.instance_id = s.instance_id order by sequence_number desc limit 1);
                end $$
                """);

        assertThat(verify("--only", "events")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString())
                .contains("i-1 event 1 (hour-metered),\"its digest does not fit")
                .contains("the first 9 events are not those that were sealed");
    }

    @Test
    @Order(2)
    void an_event_that_nobody_can_read_any_more_is_found_and_hides_nothing_else() {
        for (String payload : List.of("5", "{\"amount\": \"x\", \"hour\": \"y\"}")) {
            jdbc.update(
                    "update ledger.event set payload = ?::jsonb where instance_id = 'i-1' and event_type = 'hour-metered'",
                    payload);
            jdbc.update("delete from ledger.event where instance_id = 'i-2' and event_type = 'hour-metered'");
            out.getBuffer().setLength(0);

            assertThat(verify()).as(payload).isEqualTo(ExitCode.DIFFERENT);
            assertThat(out.toString())
                    .contains("i-1 event 1 (hour-metered),\"its digest does not fit")
                    .contains("i-2 event 2 (usage-record-issued),stands behind event 0")
                    .containsPattern("states,differs,instance i-1,\"?event 1 \\(hour-metered\\) cannot be read");
            the_ledger_as_it_was_written();
        }
        jdbc.update("update ledger.event set revision = 99 where instance_id = 'i-1' and event_type = 'hour-metered'");
        assertThat(verify()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("i-1 event 1 (hour-metered),\"its digest does not fit");
    }

    @Test
    @Order(2)
    void a_state_that_is_not_what_its_events_come_to_is_found_and_folded_anew() {
        jdbc.update(
                "update ledger.instance_snapshot set state = replace(state::text, 'in-flight', 'refused')::jsonb where instance_id = 'i-1'");
        jdbc.update("delete from ledger.instance_snapshot where instance_id = 'i-2'");

        assertThat(verify("--only", "states")).as(out.toString()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString())
                .contains("states,differs,instance i-1,its state is not what its 3 events come to")
                .contains("states,differs,instance i-2,it has events and no state");
        assertThat(verify("--only", "equation")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString())
                .contains("equation,differs,instance i-2,\"it was opened, and no state of it is kept");

        assertThat(ask("replay", "--states")).as(err.toString()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("state of instance i-1").contains("(mended)");
        assertThat(verify()).as(out + "\n" + err).isEqualTo(ExitCode.OK);
    }

    @Test
    @Order(2)
    void an_instance_that_is_gone_from_the_projections_is_not_called_checked() {
        jdbc.update("delete from ledger.instance where instance_id = 'i-3'");

        assertThat(verify("--only", "equation")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("instance i-3,\"it was opened, and the projections do not have it");

        assertThat(ask("replay")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(verify("--only", "equation")).isEqualTo(ExitCode.OK);
    }

    @Test
    @Order(2)
    void a_record_of_an_hour_that_was_once_withheld_is_traced_all_the_same() {
        jdbc.update("update ledger.metered_hour set withheld_reason = 'package-used-up' where instance_id = 'i-1'");
        String sn = MeteringSn.of("i-1", UsageWindow.of(new UsageHour(TEN))).value();

        assertThat(run("trace", sn, "--format", "csv")).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(out.toString().lines()).hasSize(4);

        out.getBuffer().setLength(0);
        jdbc.update("delete from ledger.metered_hour where instance_id = 'i-1'");
        assertThat(run("trace", sn, "--format", "csv")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains(",not shown");
        assertThat(run("trace", sn, "--offsets")).isEqualTo(ExitCode.DIFFERENT);
        ask("replay");
    }

    @Test
    @Order(2)
    void what_is_not_sealed_yet_is_named_and_what_has_no_seal_at_all_is_not_called_checked() {
        assertThat(verify("--only", "events", "--seals-topic", TestBroker.freshName("no-seals")))
                .isEqualTo(ExitCode.NOT_ALL);
        assertThat(out.toString()).contains("events,not checked,the seals,there are none on topic no-seals");
        out.getBuffer().setLength(0);
        new PostgresLedger(
                        new EventTable(jdbc, new EventJson(), new EventDigests(KEY)),
                        new InstanceDecider(SellerPolicy.CAUTIOUS),
                        new JdbcTransactionManager(hour.pool))
                .handle(new FreezeInstance(new InstanceId("i-1"), TEN.plusSeconds(7200)));

        assertThat(verify("--only", "events")).as(out.toString()).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("events,note,i-1 event 3 (instance-frozen),not sealed yet");
    }

    @Test
    @Order(3)
    void what_kafka_no_longer_keeps_is_not_called_equal() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestBroker.bootstrapServers()))) {
            for (int partition = 0; partition < 4; partition++) {
                admin.deleteRecords(Map.of(new TopicPartition(hour.topic, partition), RecordsToDelete.beforeOffset(-1)))
                        .all()
                        .get();
            }
        }

        assertThat(verify("--only", "log")).as(out.toString()).isEqualTo(ExitCode.NOT_ALL);
        assertThat(out.toString()).contains("log,not checked").contains("Kafka no longer keeps it");
        String sn = MeteringSn.of("i-1", UsageWindow.of(new UsageHour(TEN))).value();
        assertThat(run("trace", sn)).isEqualTo(ExitCode.NOT_ALL);
        assertThat(err.toString()).contains("Kafka no longer keeps them");
    }

    private int verify(String... arguments) {
        List<String> all = new ArrayList<>(List.of("verify", "--digest-key", KEY, "--format", "csv"));
        all.addAll(List.of("--public-key", new SealSigner(SealedHour.SIGNING_KEY).publicKey()));
        if (!List.of(arguments).contains("--seals-topic")) {
            all.addAll(List.of("--seals-topic", hour.seals));
        }
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    private int run(String... arguments) {
        return hour.run(new CommandLine(new LedgerCommand()), out, err, arguments);
    }

    /** What needs no log. */
    private int ask(String... arguments) {
        return hour.ask(new CommandLine(new LedgerCommand()), out, err, arguments);
    }
}
