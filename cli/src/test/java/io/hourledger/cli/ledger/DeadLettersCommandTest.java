package io.hourledger.cli.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand.RenewInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.standalone.ExitCode;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instance b waits since its renewal until the year 0; instance a is whole. */
@Tag("servers")
class DeadLettersCommandTest {

    private static final String INCOMPLETE = "incomplete: instance b waits since event 1 (instance-renewed), because";

    private final OneHourLedger ledger = new OneHourLedger();
    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    @BeforeEach
    void an_instance_waits() {
        ledger.give(
                OneHourLedger.open("b", "buyer, the second"),
                RenewInstance.unchanged(
                        new InstanceId("b"), "CS-2", Instant.parse("0000-01-01T00:00:00Z"), OneHourLedger.HOUR.start()),
                OneHourLedger.meter("b", OneHourLedger.HOUR, "7"));
    }

    @Test
    void it_is_listed_with_the_event_and_the_cause() {
        assertThat(run("dead-letters", "list", "--format", "csv")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("projections,b,1,instance-renewed,", "0000-01-01");
        assertThat(run("dead-letters", "list", "--instance", "a")).isEqualTo(ExitCode.OK);
    }

    @Test
    void a_statement_names_it_as_incomplete_and_is_no_answer_without_a_doubt() {
        assertThat(run("statement", "--month", "2026-01")).isEqualTo(ExitCode.NOT_ALL);
        assertThat(err.toString()).contains(INCOMPLETE).doesNotContain("is off by");
        assertThat(run("statement", "--totals")).isEqualTo(ExitCode.NOT_ALL);
        assertThat(err.toString()).contains(INCOMPLETE);
        assertThat(run("statement", "--instance", "a")).isEqualTo(ExitCode.OK);
        assertThat(run("statement", "--buyer", "buyer, the first")).isEqualTo(ExitCode.OK);
    }

    @Test
    void an_export_names_it_in_its_notes(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("records.csv");
        assertThat(run("export", "--format", "csv", "--out", file.toString())).isEqualTo(ExitCode.NOT_ALL);
        assertThat(Files.readString(folder.resolve("records.csv.sums.csv")))
                .contains("note_incomplete_instances")
                .contains("b since event 1 (instance-renewed)");
        assertThat(run("export", "--format", "json")).isEqualTo(ExitCode.NOT_ALL);
        assertThat(out.toString()).contains("\"incomplete_instances\"");
    }

    @Test
    void verify_says_that_it_could_not_be_checked() {
        assertThat(run("verify", "--only", "equation,queue")).isEqualTo(ExitCode.NOT_ALL);
        assertThat(out.toString()).contains("not checked").contains(INCOMPLETE);
        assertThat(err.toString()).contains("0 differ, 2 could not be checked");
    }

    @Test
    void a_retry_is_shown_first_and_kept_with_who_and_why_and_all_is_whole_again() {
        ledger.jdbc.update(
                "update ledger.event set payload = payload - 'expiresAt' where event_type = 'instance-renewed'");
        assertThat(run("dead-letters", "retry", "--who", "anna", "--why", "mended"))
                .isEqualTo(ExitCode.NOT_ALL);
        assertThat(decisions()).isZero();

        assertThat(run("dead-letters", "retry", "--who", "anna", "--why", "mended", "--yes"))
                .as(err.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(decisions()).isEqualTo(1);
        ledger.give(OneHourLedger.report("a", sn()));

        assertThat(run("dead-letters", "list")).isEqualTo(ExitCode.OK);
        assertThat(run("statement", "--instance", "b")).isEqualTo(ExitCode.OK);
        assertThat(run("dead-letters", "retry", "--who", "anna", "--why", "again", "--yes"))
                .isEqualTo(ExitCode.DIFFERENT);
    }

    @Test
    void a_person_can_decide_about_a_record_that_is_not_shown() {
        String ofB = ledger.jdbc.queryForObject(
                "select payload ->> 'meteringSn' from ledger.event where instance_id = 'b' and event_type = 'usage-record-issued'",
                String.class);
        assertThat(run(
                        "decide",
                        "write-off",
                        ofB,
                        "--digest-key",
                        OneHourLedger.DIGEST_KEY,
                        "--who",
                        "anna",
                        "--why",
                        "agreed",
                        "--yes"))
                .as(err.toString())
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("refused (").doesNotContain("has no record");
    }

    @Test
    void a_replay_makes_it_up_to_the_event_and_says_so() {
        assertThat(run("replay")).as(out.toString()).isEqualTo(ExitCode.NOT_ALL);
        assertThat(err.toString()).contains(INCOMPLETE);
        assertThat(run("dead-letters", "list")).isEqualTo(ExitCode.DIFFERENT);
    }

    private String sn() {
        return ledger.jdbc.queryForObject(
                "select metering_sn from ledger.usage_record where instance_id = 'a'", String.class);
    }

    private long decisions() {
        Long count = ledger.jdbc.queryForObject("select count(*) from ledger.dead_letter_decision", Long.class);
        return count == null ? -1 : count;
    }

    private int run(String... arguments) {
        out = new StringWriter();
        err = new StringWriter();
        return ledger.run(out, err, arguments);
    }
}
