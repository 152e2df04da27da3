package io.hourledger.contracts.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The form in which ingest is told of keys, which an older release may have to read. */
@Tag("fast")
class ToldKeysFileTest {

    private static final String APPROVED =
            """
            {"installation":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","incarnation":3,"version":17,"keys":[\
            {"id":"key-7","name":"shop","secrets":[{"sha256":"%s","validUntil":"2026-11-30T12:00:00.123456Z"}],\
            "scope":{"sources":["/shop"],"sourcePrefixes":["/mail/"],"types":["web.egress"],"instances":["i-1"],"products":["egress"]},\
            "limits":{"eventsPerSecond":1000,"bodyBytes":65536,"memoryPercent":10}}]}"""
                    .formatted("0".repeat(64));

    private static final ToldKeys KEYS = new ToldKeys(
            UUID.fromString("6f9619ff-8b86-4d01-b42d-00cf4fc964ff"),
            3,
            17,
            List.of(new ApiKey(
                    "key-7",
                    "shop",
                    Set.of(new KeySecret("0".repeat(64), Instant.parse("2026-11-30T12:00:00.123456Z"))),
                    new KeyScope(
                            List.of("/shop"), List.of("/mail/"), Set.of("web.egress"), Set.of("i-1"), Set.of("egress")),
                    new KeyLimits(1000, 65536, 10))));

    @Test
    void the_form_is_the_approved_one() {
        assertThat(new String(ToldKeysFile.write(KEYS), UTF_8)).isEqualTo(APPROVED);
        assertThat(ToldKeysFile.read(APPROVED.getBytes(UTF_8))).isEqualTo(KEYS);
    }

    /** While a new ingest starts beside an aggregator of the release before. */
    @Test
    void a_key_of_the_form_before_there_were_products_is_bound_to_none() {
        ToldKeys before = ToldKeysFile.read(
                APPROVED.replace(",\"products\":[\"egress\"]", "").getBytes(UTF_8));
        assertThat(before.keys().getFirst().scope().products()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "{\"incarnation\":1,\"version\":1,\"keys\":[]}"})
    void what_is_no_list_of_keys_is_refused(String other) {
        assertThatThrownBy(() -> ToldKeysFile.read(other.getBytes(UTF_8))).isInstanceOf(IllegalArgumentException.class);
    }

    /** A key that is bound in a way that this release does not know would be taken for one without that bound. */
    @Test
    void a_bound_that_this_release_does_not_know_is_not_passed_over() {
        String newer = APPROVED.replace("\"instances\"", "\"regions\":[\"eu\"],\"instances\"");
        assertThatThrownBy(() -> ToldKeysFile.read(newer.getBytes(UTF_8))).isInstanceOf(IllegalArgumentException.class);
    }
}
