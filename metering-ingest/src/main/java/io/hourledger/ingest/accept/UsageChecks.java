package io.hourledger.ingest.accept;

import io.hourledger.contracts.usage.ReadUsage.Countable;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import io.hourledger.contracts.usage.UsageEvent;
import io.hourledger.contracts.usage.UsageEventReader;
import io.hourledger.ingest.accept.AcceptSettings.ApiKeySettings;
import io.hourledger.ingest.accept.Slices.Slice;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Judges one event: its shape, then whether its sender may speak for its source, then whether its time can still be counted. */
final class UsageChecks {

    /** What the checks said of one event. */
    sealed interface Verdict {}

    record Passed(UsageEvent event) implements Verdict {}

    record Refused(ItemAnswer answer) implements Verdict {}

    private final UsageEventReader reader;
    private final Duration maxAge;
    private final Duration maxAhead;

    UsageChecks(UsageEventReader reader, Duration maxAge, Duration maxAhead) {
        this.reader = reader;
        this.maxAge = maxAge;
        this.maxAhead = maxAhead;
    }

    Verdict check(ApiKeySettings sender, byte[] body, Slice slice, Instant now) {
        return switch (reader.read(body, slice.offset(), slice.length())) {
            case Malformed malformed ->
                refused(malformed.id(), Codes.of(malformed.code()), malformed.field(), malformed.detail());
            case Countable(UsageEvent event) -> check(sender, event, now);
        };
    }

    private Verdict check(ApiKeySettings sender, UsageEvent event, Instant now) {
        if (!sender.maySendFor(event.source())) {
            return refused(
                    event.id(), Codes.FORBIDDEN, "source", "this API key may not send for source " + event.source());
        }
        if (event.time().isBefore(now.minus(maxAge))) {
            return refused(event.id(), Codes.TOO_OLD, "time", "time lies more than " + maxAge + " behind " + now);
        }
        if (event.time().isAfter(now.plus(maxAhead))) {
            return refused(
                    event.id(), Codes.TOO_FAR_AHEAD, "time", "time lies more than " + maxAhead + " ahead of " + now);
        }
        return new Passed(event);
    }

    private static Refused refused(@Nullable String id, String code, String field, String detail) {
        return new Refused(ItemAnswer.rejected(id, code, field, detail));
    }
}
