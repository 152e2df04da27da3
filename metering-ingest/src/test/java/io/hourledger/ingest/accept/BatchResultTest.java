package io.hourledger.ingest.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ingest.accept.ItemAnswer.ItemError;
import io.hourledger.ingest.accept.UsageLog.Stored;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fast")
class BatchResultTest {

    private static final Stored STORED = new Stored("usage-events", 0, 7);

    @ParameterizedTest
    @CsvSource({
        "'',                          202, false",
        "kept kept,                   202, false",
        "kept rejected,               400, true",
        "rejected rejected,           400, false",
        "kept busy,                   503, false",
        "kept unconfirmed,            503, false",
        "rejected unconfirmed,        503, false",
        "kept rejected busy,          503, false",
        "busy busy,                   503, false",
    })
    void the_status_is_success_only_if_every_event_is_kept(String events, int status, boolean partly) {
        BatchResult result = BatchResult.of(answers(events));

        assertThat(result.status().value()).isEqualTo(status);
        assertThat(result.partlyRejected()).isEqualTo(partly);
    }

    @ParameterizedTest
    @CsvSource({
        "kept rejected,         partly_rejected",
        "rejected,              nothing_accepted",
        "kept busy rejected,    busy",
        "kept busy unconfirmed, unconfirmed",
    })
    void the_code_says_what_kept_the_whole_from_being_accepted(String events, String code) {
        assertThat(BatchResult.of(answers(events)).code()).isEqualTo(code);
    }

    private static List<ItemAnswer> answers(String events) {
        List<ItemAnswer> answers = new ArrayList<>();
        for (String event : events.split(" ")) {
            switch (event) {
                case "kept" -> answers.add(ItemAnswer.accepted("a", STORED));
                case "rejected" ->
                    answers.add(ItemAnswer.rejected("a", List.of(new ItemError(Codes.TOO_OLD, "time", "too old"))));
                case "busy" -> answers.add(ItemAnswer.notTaken("a", "no room"));
                case "unconfirmed" -> answers.add(ItemAnswer.unconfirmed("a", "time is over"));
                default -> assertThat(event).isEmpty();
            }
        }
        return answers;
    }
}
