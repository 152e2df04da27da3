package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.usage.ReadUsage.Amends;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import io.hourledger.contracts.usage.UsageAmendment.Change;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fast")
class UsageAmendmentTest {

    private static final Meter EGRESS =
            new Meter("egress", "web.egress", Aggregation.SUM, "bytes", "B", BigDecimal.ONE);
    private static final Catalogue CATALOGUE = new Catalogue(1, List.of(EGRESS), List.of());
    private static final Instant TIME = Instant.parse("2026-03-01T10:00:01Z");
    private static final String EVENT =
            """
            {"specversion":"1.0","source":"/app","id":"e-1","type":"web.egress","subject":"i-1",\
            "time":"2026-03-01T10:00:01Z","data":{"bytes":7}}""";

    private static final UsageAmendmentWriter BY_ANA =
            new UsageAmendmentWriter("/app", "i-1", TIME, "ana", "zu viel gezählt, \"doppelt\"");

    private static ReadUsage read(String event) {
        byte[] bytes = ("xx" + event + "yy").getBytes(UTF_8);
        return new UsageEventReader(CATALOGUE).read(bytes, 2, bytes.length - 4);
    }

    private static String amended() {
        return new String(BY_ANA.amend("a-1", EVENT.getBytes(UTF_8)), UTF_8);
    }

    @Test
    void an_amendment_is_read_as_it_was_written() {
        assertThat(read(amended())).isInstanceOfSatisfying(Amends.class, amends -> {
            UsageAmendment amendment = amends.amendment();
            assertThat(amendment.id()).isEqualTo("a-1");
            assertThat(amendment.decidedBy()).isEqualTo("ana");
            assertThat(amendment.why()).isEqualTo("zu viel gezählt, \"doppelt\"");
            assertThat(amendment.change()).isInstanceOf(Change.Amend.class);
            assertThat(amendment.change().eventId()).isEqualTo("e-1");
            assertThat(amendment.readings()).containsExactly(new UsageEvent.Reading(EGRESS, new BigDecimal("7")));
        });
        assertThat(read(new String(BY_ANA.withdraw("v-1", "e-1", "web.egress"), UTF_8)))
                .isInstanceOfSatisfying(Amends.class, amends -> {
                    assertThat(amends.amendment().change()).isEqualTo(new Change.Withdraw("e-1", "web.egress"));
                    assertThat(amends.amendment().readings()).isEmpty();
                });
    }

    @Test
    void the_event_meant_is_found_behind_letters_of_several_bytes() {
        String reordered =
                amended().replace("\"data\":{", "\"note\" : \"äöü€\", \"data\" : { \"hint\":[{\"x\":\"ß\"}],");

        assertThat(read(reordered)).isInstanceOf(Amends.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"by\":\"ana\"     | \"by\":\"\"           | INVALID      | data.by",
                "\"by\":\"ana\"     | \"of\":\"ana\"        | MISSING      | data.by",
                "\"by\":\"ana\"     | \"by\":1,\"by\":\"x\" | NOT_JSON     | data.by",
                "\"why\"            | \"reason\"            | MISSING      | data.why",
                "\"event\"          | \"usage\"             | MISSING      | data.event",
                "\"id\":\"a-1\"     | \"id\":\"e-1\"        | INVALID      | id",
                "{\"bytes\":7}      | {\"bytes\":-7}        | INVALID_VALUE| data.event.data.bytes",
                "web.egress         | web.other             | UNKNOWN_TYPE | data.event.type",
                "\"source\":\"/app\",\"id\":\"e-1\" | \"source\":\"/b\",\"id\":\"e-1\" | INVALID | data.event.source",
                "\"type\":\"web.egress\",\"subject\":\"i-1\" | \"type\":\"web.egress\",\"subject\":\"i-2\" | INVALID | data.event.subject"
            })
    void what_is_wrong_with_an_amendment_is_named(String part, String wrong, ReadUsage.Code code, String field) {
        String event = amended();
        assertThat(event).contains(part);

        assertThat(read(event.replace(part, wrong))).isInstanceOfSatisfying(Malformed.class, malformed -> {
            assertThat(malformed.code()).isEqualTo(code);
            assertThat(malformed.field()).isEqualTo(field);
        });
    }

    @Test
    void an_amendment_is_not_amended() {
        String twice = new String(BY_ANA.amend("a-2", amended().getBytes(UTF_8)), UTF_8);

        assertThat(read(twice)).isInstanceOfSatisfying(Malformed.class, malformed -> assertThat(malformed.field())
                .isEqualTo("data.event.type"));
    }

    @Test
    void no_meter_reads_the_types_of_amendments() {
        assertThatThrownBy(() ->
                        new Meter("m", UsageAmendment.VOIDED_TYPE, Aggregation.COUNT, null, "events", BigDecimal.ONE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
