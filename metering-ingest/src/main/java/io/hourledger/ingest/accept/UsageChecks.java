package io.hourledger.ingest.accept;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.scan.EventReaders;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.usage.ReadUsage;
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

    /** An event that corrects another. */
    record Corrects(UsageAmendment amendment) implements Verdict {}

    record Refused(@Nullable String id, List<ItemError> errors) implements Verdict {}

    /** A mistake of ours broke the check; it must not hide what becomes of the other events. */
    record Failed() implements Verdict {}

    /** Which events a path takes. */
    enum Takes {
        USAGE,
        AMENDMENTS
    }

    private static final Logger log = LoggerFactory.getLogger(UsageChecks.class);
    private static final List<ItemError> ERRORS_OF_USAGE =
            sentElsewhere("usage events are sent to " + UsageEventsServlet.PATH);
    private static final List<ItemError> ERRORS_OF_AMENDMENTS =
            sentElsewhere("events that correct others are sent to " + UsageEventsServlet.AMEND_PATH);

    private final EventReaderSource readers;
    private final Takes takes;
    private final Duration maxAge;
    private final Duration maxAhead;

    UsageChecks(EventReaderSource readers, Takes takes, Duration maxAge, Duration maxAhead) {
        this.takes = takes;
        this.readers = readers;
        this.maxAge = maxAge;
        this.maxAhead = maxAhead;
    }

    /** Begins the checks of the events that one request brings at this time. */
    OfRequest begin(ApiKey sender, Instant now) {
        return new OfRequest(sender, now);
    }

    /** What would become of one event. */
    Verdict check(ApiKey sender, byte[] body, Slice slice, Instant now) {
        try {
            return read(sender, body, slice, now);
        } catch (RuntimeException bug) {
            log.atError().setCause(bug).log("an event could not be checked");
            return new Failed();
        }
    }

    private Verdict read(ApiKey sender, byte[] body, Slice slice, Instant now) {
        return verdict(sender, readers.readers().parser().read(body, slice.offset(), slice.length()), now);
    }

    private Verdict verdict(ApiKey sender, ReadUsage read, Instant now) {
        return switch (read) {
            case Malformed(List<Fault> faults, String id) ->
                new Refused(id, faults.stream().map(UsageChecks::error).toList());
            case Countable(UsageEvent event) -> usage(sender, event, now);
            // taken: its sender did nothing wrong, and the log and its receipt say later what a filter left out
            case FilteredOut(UsageEvent event, String _) -> usage(sender, event, now);
            case Amends(UsageAmendment amendment) -> amendment(sender, amendment, now);
        };
    }

    private Verdict usage(ApiKey sender, UsageEvent event, Instant now) {
        if (takes == Takes.AMENDMENTS) {
            return new Refused(event.id(), ERRORS_OF_USAGE);
        }
        List<ItemError> errors =
                errors(sender, new Claim(event.source(), event.type(), event.subject(), event.time()), now);
        return errors.isEmpty() ? new Passed(event) : new Refused(event.id(), errors);
    }

    /** A key amends what it may send: events of its sources and types, for as long as it may still send them. */
    private Verdict amendment(ApiKey sender, UsageAmendment amendment, Instant now) {
        if (takes == Takes.USAGE) {
            return new Refused(amendment.id(), ERRORS_OF_AMENDMENTS);
        }
        Claim claim =
                new Claim(amendment.source(), amendment.change().eventType(), amendment.subject(), amendment.time());
        List<ItemError> errors = errors(sender, claim, now);
        return errors.isEmpty() ? new Corrects(amendment) : new Refused(amendment.id(), errors);
    }

    private static List<ItemError> sentElsewhere(String detail) {
        return List.of(new ItemError(Codes.of(Code.UNKNOWN_TYPE), "type", detail));
    }

    /** What a sender says of whose usage it sends, and of when. */
    private record Claim(String source, String type, String subject, Instant time) {}

    private List<ItemError> errors(ApiKey sender, Claim claim, Instant now) {
        List<ItemError> errors = new ArrayList<>();
        if (!sender.scope().allowsSource(claim.source)) {
            errors.add(
                    new ItemError(Codes.FORBIDDEN, "source", "this API key may not send for source " + claim.source));
        }
        if (!sender.scope().allowsType(claim.type)) {
            errors.add(
                    new ItemError(Codes.FORBIDDEN, "type", "this API key may not send events of type " + claim.type));
        }
        if (!sender.scope().allowsInstance(claim.subject)) {
            errors.add(new ItemError(
                    Codes.FORBIDDEN, "subject", "this API key may not send for instance " + claim.subject));
        }
        if (claim.time.isBefore(now.minus(maxAge))) {
            errors.add(new ItemError(Codes.TOO_OLD, "time", "time lies more than " + maxAge + " behind " + now));
        }
        if (claim.time.isAfter(now.plus(maxAhead))) {
            errors.add(
                    new ItemError(Codes.TOO_FAR_AHEAD, "time", "time lies more than " + maxAhead + " ahead of " + now));
        }
        return errors;
    }

    private static ItemError error(Fault fault) {
        return new ItemError(Codes.of(fault.code()), fault.field(), fault.detail());
    }

    /** Whether one event is handed to the log. */
    sealed interface Keeping {

        record Of(String subject, String id) implements Keeping {}

        record Not(ItemAnswer why) implements Keeping {}
    }

    /**
     * The checks of one request's events, one behind the other. Most events are like the one before in all that a key is bound to, and are not
     * asked about again. Belongs to one thread, which closes it.
     */
    final class OfRequest implements AutoCloseable {

        private static final int NONE = Integer.MIN_VALUE;

        private final ApiKey sender;
        private final Instant now;
        private final long oldestSecond;
        private final long newestSecond;
        private final EventReaders lender;
        private final EventReader reader;
        private byte[] sourceBefore = {};
        private int meterBefore = NONE;

        private OfRequest(ApiKey sender, Instant now) {
            this.sender = sender;
            this.now = now;
            this.oldestSecond = now.minus(maxAge).getEpochSecond();
            this.newestSecond = now.plus(maxAhead).getEpochSecond();
            this.lender = readers.readers();
            this.reader = lender.lend();
        }

        Keeping check(byte[] body, Slice slice) {
            try {
                ReadUsage other = reader.read(body, slice.offset(), slice.length());
                return other == null ? counted(reader.view()) : keeping(verdict(sender, other, now));
            } catch (RuntimeException bug) {
                log.atError().setCause(bug).log("an event could not be checked");
                return new Keeping.Not(ItemAnswer.failed());
            }
        }

        private Keeping counted(EventView event) {
            if (!isLikeTheOneBefore(event)) {
                List<ItemError> errors = takes == Takes.USAGE ? errors(sender, claim(event), now) : ERRORS_OF_USAGE;
                if (!errors.isEmpty()) {
                    return new Keeping.Not(ItemAnswer.rejected(event.id(), errors));
                }
                sourceBefore = event.source().getBytes(UTF_8);
                meterBefore = event.meter();
            }
            return new Keeping.Of(event.subject(), event.id());
        }

        private boolean isLikeTheOneBefore(EventView event) {
            return event.meter() == meterBefore
                    && event.isFrom(sourceBefore)
                    && event.epochSecond() > oldestSecond
                    && event.epochSecond() < newestSecond
                    && sender.scope().instances().isEmpty();
        }

        private Claim claim(EventView event) {
            String type = reader.meters().meter(event.meter()).eventType();
            return new Claim(event.source(), type, event.subject(), event.time());
        }

        private Keeping keeping(Verdict verdict) {
            return switch (verdict) {
                case Failed() -> new Keeping.Not(ItemAnswer.failed());
                case Refused(String id, List<ItemError> errors) -> new Keeping.Not(ItemAnswer.rejected(id, errors));
                case Passed(UsageEvent event) -> new Keeping.Of(event.subject(), event.id());
                case Corrects(UsageAmendment amendment) -> new Keeping.Of(amendment.subject(), amendment.id());
            };
        }

        @Override
        public void close() {
            lender.giveBack(reader);
        }
    }
}
