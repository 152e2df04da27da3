package io.hourledger.ingest.accept;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageEvent;
import io.hourledger.ingest.accept.ItemAnswer.ItemError;
import io.hourledger.ingest.accept.Slices.Slice;
import io.hourledger.ingest.accept.UsageChecks.Corrects;
import io.hourledger.ingest.accept.UsageChecks.Failed;
import io.hourledger.ingest.accept.UsageChecks.Passed;
import io.hourledger.ingest.accept.UsageChecks.Refused;
import io.hourledger.ingest.accept.UsageChecks.Verdict;
import io.hourledger.ingest.accept.UsageLog.Origin;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Takes the events of one request: each is checked, and what passed is handed to the log, in order. */
final class UsageIntake {

    private final UsageChecks checks;
    private final UsageLog log;
    private final Clock clock;

    UsageIntake(UsageChecks checks, UsageLog log, Clock clock) {
        this.checks = checks;
        this.log = log;
        this.clock = clock;
    }

    /** Whether one item is handed to the log. */
    private sealed interface Keeping {

        record Of(String subject, String id) implements Keeping {}

        record Not(ItemAnswer why) implements Keeping {}
    }

    /** Returns when everything is handed over; the answers come in as the log confirms. */
    PendingAnswers take(ApiKey sender, Origin origin, byte[] body, List<Slice> items) {
        Instant received = clock.instant();
        PendingAnswers answers = new PendingAnswers(items.size());
        boolean logTakes = true;
        for (int i = 0; i < items.size(); i++) {
            Keeping keeping =
                    switch (checks.check(sender, body, items.get(i), received)) {
                        case Failed() -> new Keeping.Not(ItemAnswer.failed());
                        case Refused(String id, List<ItemError> errors) ->
                            new Keeping.Not(ItemAnswer.rejected(id, errors));
                        case Passed(UsageEvent event) -> new Keeping.Of(event.subject(), event.id());
                        case Corrects(UsageAmendment amendment) -> new Keeping.Of(amendment.subject(), amendment.id());
                    };
            switch (keeping) {
                case Keeping.Not(ItemAnswer why) -> answers.tell(i, why);
                case Keeping.Of of -> {
                    if (logTakes) {
                        handOver(of, bytesOf(body, items.get(i)), received, origin, answers, i);
                        // once the log has said that it is full, it is not asked for each of the other events
                        logTakes = !answers.notTaken(i);
                    } else {
                        answers.tell(i, ItemAnswer.notTaken(of.id, "the log takes nothing more now"));
                    }
                }
            }
        }
        return answers;
    }

    /** What would be said of the events now; nothing is handed over. */
    List<Verdict> check(ApiKey sender, byte[] body, List<Slice> items) {
        Instant now = clock.instant();
        return items.stream().map(item -> checks.check(sender, body, item, now)).toList();
    }

    private void handOver(
            Keeping.Of event, byte[] bytes, Instant received, Origin origin, PendingAnswers answers, int index) {
        answers.expect(index, event.id);
        log.append(event.subject, bytes, received, origin, outcome -> answers.tell(index, outcome));
    }

    private static byte[] bytesOf(byte[] body, Slice slice) {
        boolean whole = slice.offset() == 0 && slice.length() == body.length;
        return whole ? body : Arrays.copyOfRange(body, slice.offset(), slice.offset() + slice.length());
    }
}
