package io.hourledger.ingest.accept;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.usage.ReadUsage.Amends;
import io.hourledger.contracts.usage.ReadUsage.Code;
import io.hourledger.contracts.usage.ReadUsage.Countable;
import io.hourledger.contracts.usage.ReadUsage.Fault;
import io.hourledger.contracts.usage.ReadUsage.FilteredOut;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageEvent;
import io.hourledger.ingest.accept.ItemAnswer.ItemError;
import io.hourledger.ingest.accept.Slices.Slice;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks one event: its shape, then what its sender may send, and whether its time can still be counted. Names all that is wrong. */
final class UsageChecks {

    /** What the checks said of one event. */
    sealed interface Verdict {}

    record Passed(UsageEvent event) implements Verdict {}

    record Refused(@Nullable String id, List<ItemError> errors) implements Verdict {}

    /** A mistake of ours broke the check; it must not hide what becomes of the other events. */
    record Failed() implements Verdict {}

    private static final Logger log = LoggerFactory.getLogger(UsageChecks.class);

    private final EventReaderSource readers;
    private final Duration maxAge;
    private final Duration maxAhead;

    UsageChecks(EventReaderSource readers, Duration maxAge, Duration maxAhead) {
        this.readers = readers;
        this.maxAge = maxAge;
        this.maxAhead = maxAhead;
    }

    Verdict check(ApiKey sender, byte[] body, Slice slice, Instant now) {
        try {
            return read(sender, body, slice, now);
        } catch (RuntimeException bug) {
            log.atError().setCause(bug).log("an event could not be checked");
            return new Failed();
        }
    }

    private Verdict read(ApiKey sender, byte[] body, Slice slice, Instant now) {
        return switch (readers.reader().read(body, slice.offset(), slice.length())) {
            case Malformed(List<Fault> faults, String id) ->
                new Refused(id, faults.stream().map(UsageChecks::error).toList());
            case Countable(UsageEvent event) -> check(sender, event, now);
            // taken: its sender did nothing wrong, and the log and its receipt say later what a filter left out
            case FilteredOut(UsageEvent event, String _) -> check(sender, event, now);
            case Amends(UsageAmendment amendment) ->
                new Refused(
                        amendment.id(),
                        List.of(new ItemError(
                                Codes.of(Code.UNKNOWN_TYPE), "type", "events that correct others are not taken here")));
        };
    }

    private Verdict check(ApiKey sender, UsageEvent event, Instant now) {
        boolean foreign = !sender.scope().allowsSource(event.source());
        boolean otherType = !sender.scope().allowsType(event.type());
        boolean otherInstance = !sender.scope().allowsInstance(event.subject());
        boolean tooOld = event.time().isBefore(now.minus(maxAge));
        boolean tooFarAhead = event.time().isAfter(now.plus(maxAhead));
        if (!foreign && !otherType && !otherInstance && !tooOld && !tooFarAhead) {
            return new Passed(event);
        }
        List<ItemError> errors = new ArrayList<>();
        if (foreign) {
            errors.add(
                    new ItemError(Codes.FORBIDDEN, "source", "this API key may not send for source " + event.source()));
        }
        if (otherType) {
            errors.add(
                    new ItemError(Codes.FORBIDDEN, "type", "this API key may not send events of type " + event.type()));
        }
        if (otherInstance) {
            errors.add(new ItemError(
                    Codes.FORBIDDEN, "subject", "this API key may not send for instance " + event.subject()));
        }
        if (tooOld) {
            errors.add(new ItemError(Codes.TOO_OLD, "time", "time lies more than " + maxAge + " behind " + now));
        }
        if (tooFarAhead) {
            errors.add(
                    new ItemError(Codes.TOO_FAR_AHEAD, "time", "time lies more than " + maxAhead + " ahead of " + now));
        }
        return new Refused(event.id(), errors);
    }

    private static ItemError error(Fault fault) {
        return new ItemError(Codes.of(fault.code()), fault.field(), fault.detail());
    }
}
