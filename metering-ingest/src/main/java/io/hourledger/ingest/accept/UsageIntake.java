package io.hourledger.ingest.accept;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.ingest.accept.Slices.Slice;
import io.hourledger.ingest.accept.UsageChecks.Keeping;
import io.hourledger.ingest.accept.UsageChecks.OfRequest;
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

    /** Returns when everything is handed over; the answers come in as the log confirms. */
    PendingAnswers take(ApiKey sender, Origin origin, byte[] body, List<Slice> items) {
        Instant received = clock.instant();
        PendingAnswers answers = new PendingAnswers(items.size());
        boolean logTakes = true;
        try (OfRequest request = checks.begin(sender, received)) {
            for (int i = 0; i < items.size(); i++) {
                switch (request.check(body, items.get(i))) {
                    case Keeping.Not(ItemAnswer why) -> answers.tell(i, why);
                    case Keeping.Of of -> {
                        if (logTakes) {
                            handOver(of, bytesOf(body, items.get(i)), received, origin, answers, i);
                            // once the log has said that it is full, it is not asked for each of the other events
                            logTakes = !answers.notTaken(i);
                        } else {
                            answers.tell(i, ItemAnswer.notTaken(of.id(), "the log takes nothing more now"));
                        }
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
        answers.expect(index, event.id());
        log.append(event.subject(), bytes, received, origin, outcome -> answers.tell(index, outcome));
    }

    private static byte[] bytesOf(byte[] body, Slice slice) {
        boolean whole = slice.offset() == 0 && slice.length() == body.length;
        return whole ? body : Arrays.copyOfRange(body, slice.offset(), slice.offset() + slice.length());
    }
}
