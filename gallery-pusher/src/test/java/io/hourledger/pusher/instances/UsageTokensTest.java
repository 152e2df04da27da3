package io.hourledger.pusher.instances;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.embedded.TestClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class UsageTokensTest {

    private static final String FIRST = "the first secret, of 32 characters or more";
    private static final String SECOND = "the second secret, of 32 characters or more";

    private final TestClock machine = new TestClock(Instant.parse("2026-11-24T09:00:00Z"));
    private final UsageTokens before = new UsageTokens(FIRST, null, machine);

    @Test
    void a_token_holds_until_it_expires_and_not_a_moment_longer() {
        UsageTokens.Issued issued = before.issue("i-1", Duration.ofMinutes(15));
        assertThat(before.read(issued.token()))
                .map(UsageTokens.Allowed::instanceId)
                .contains("i-1");
        machine.moveTo(issued.expiresAt().minusMillis(1));
        assertThat(before.read(issued.token())).isPresent();
        machine.moveTo(issued.expiresAt());
        assertThat(before.read(issued.token())).isEmpty();
    }

    @Test
    void a_secret_is_changed_without_a_gap_and_is_then_forgotten() {
        String token = before.issue("i-1", Duration.ofHours(1)).token();
        UsageTokens between = new UsageTokens(SECOND, FIRST, machine);
        UsageTokens after = new UsageTokens(SECOND, null, machine);
        assertThat(between.read(token)).isPresent();
        assertThat(after.read(token)).isEmpty();
        assertThat(before.read(between.issue("i-1", Duration.ofHours(1)).token()))
                .as("signed by the new one")
                .isEmpty();
        assertThat(after.read(between.issue("i-1", Duration.ofHours(1)).token()))
                .isPresent();
    }

    @Test
    void no_token_lasts_longer_than_an_hour() {
        assertThatThrownBy(() -> before.issue("i-1", Duration.ofSeconds(3601)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void an_id_is_bound_whole_whatever_signs_it_has() {
        String token = before.issue("a.b/ü", Duration.ofMinutes(1)).token();
        assertThat(before.read(token)).map(UsageTokens.Allowed::instanceId).contains("a.b/ü");
        assertThat(before.read(token + "x")).isEmpty();
        assertThat(before.read("")).isEmpty();
        assertThat(before.read("hlu1...")).isEmpty();
        assertThat(before.read("x".repeat(10_000))).isEmpty();
    }

    @Test
    void without_a_secret_nothing_is_believed() {
        UsageTokens none = new UsageTokens(null, null, machine);
        assertThat(none.areIssued()).isFalse();
        assertThat(none.read(before.issue("i-1", Duration.ofMinutes(1)).token()))
                .isEmpty();
    }
}
