package io.hourledger.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("servers")
class RecordsOutTest {

    /** The soak of issue 13 is the same command with {@code --minutes 15}. */
    @Test
    void two_accounts_lose_nothing_and_bill_nothing_twice_while_pushers_die_and_marketplaces_misbehave(
            @TempDir Path folder) throws Exception {
        Path out = folder.resolve("records-out.json");

        int exitCode = new CommandLine(new ChaosCommand())
                .setOut(new PrintWriter(System.out, true))
                .execute("--records-out", "--minutes", "2", "--seed", "13", "--out", out.toString());

        JsonNode report = JsonMapper.shared().readTree(Files.readString(out));
        String why = report.path("wrong").toString();
        assertThat(report.path("hours").asInt()).isPositive();
        assertThat(report.path("lost").asLong(-1)).as(why).isZero();
        assertThat(report.path("twice").asLong(-1)).as(why).isZero();
        assertThat(report.path("unclear").asLong(-1)).as(why).isZero();
        assertThat(report.path("calls_above_ceiling").asLong(-1)).as(why).isZero();
        for (String account : new String[] {"default", RecordsOutStack.SECOND_ACCOUNT}) {
            assertThat(report.path("accounts")
                            .path(account)
                            .path("switches_thrown")
                            .asInt())
                    .as(account)
                    .isPositive();
        }
        // two minutes are too short to throw them all, and an hour is a minute here: a busy machine makes it late. The
        // soak judges both
        assertThat(report.path("wrong").valueStream().map(sentence -> sentence.asString("")))
                .allMatch(sentence -> sentence.startsWith("switches were never thrown")
                        || sentence.startsWith("late although the marketplace was up"));
        assertThat(exitCode).as(why).isEqualTo(report.path("wrong").isEmpty() ? 0 : 1);
    }
}
