package io.hourledger.pusher.push;

import io.hourledger.pusher.marketplace.Marketplace;
import io.hourledger.pusher.marketplace.PushAnswer;
import io.hourledger.pusher.marketplace.PushAnswer.AbnormalRecord;
import io.hourledger.pusher.marketplace.Rejection;
import io.hourledger.pusher.push.CallEffect.Accepted;
import io.hourledger.pusher.push.CallEffect.FewerRecords;
import io.hourledger.pusher.push.CallEffect.GoOn;
import io.hourledger.pusher.push.CallEffect.NotMade;
import io.hourledger.pusher.push.CallEffect.SlowDown;
import io.hourledger.pusher.push.CallEffect.Stop;
import io.hourledger.pusher.push.CallEffect.Struggle;
import io.hourledger.pusher.push.PushOutcome.Again;
import io.hourledger.pusher.push.PushOutcome.Grouping;
import io.hourledger.pusher.push.PushOutcome.OutcomeUnknown;
import io.hourledger.pusher.push.PushOutcome.Pause;
import io.hourledger.pusher.push.PushOutcome.Refused;
import io.hourledger.pusher.push.PushOutcome.Reported;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides what an answer means for each record of the call and for the calls to come. Pure: it looks only at the answer and at what is
 * known of the records. When an answer leaves room for doubt, the record goes again as it is, or is held for a person; it is never
 * called reported.
 */
final class PushAnswerPolicy {

    /** So many calls of one record that were not allowed, and none accepted between them, mean that it is our key or our right to call. */
    private static final int LONE_BEFORE_STOP = 3;

    /** A record that was not allowed so often alone, with others accepted in between, is at fault itself. */
    private static final int NOT_ALLOWED_ALONE = 2;

    /** With growing pauses this takes some minutes. */
    private static final int TRIES_BEFORE_REFUSED = 8;

    /** A record that got no clear answer so often alone, with others accepted in between, does not go on for ever. */
    private static final int UNCLEAR_ALONE = 30;

    /** A call that was refused as a whole: one of its records is at fault, and the others may have been kept. */
    private static final Again SUSPECTS =
            new Again(DeliveryCertainty.AS_PART, Grouping.SUSPECT, Pause.AFTER_SOME_TRIES);

    /** The same while nothing at all is accepted: then the fault may be the marketplace's, and nobody hurries to single a record out. */
    private static final Again SUSPECTS_LATER = new Again(DeliveryCertainty.AS_PART, Grouping.SUSPECT, Pause.GROWING);

    private final Predicate<PendingRecord> onlyRecordOfItsWindow;
    private final Predicate<PendingRecord> frozen;
    private final Marketplace marketplace;

    /**
     * @param marketplace whether the identical record may go again
     * @param onlyRecordOfItsWindow whether the ledger holds exactly one record of this record's instance and window; asked only about
     *     duplicates
     * @param frozen whether this record's instance is frozen; asked only if the marketplace refuses a record for that
     */
    PushAnswerPolicy(
            Marketplace marketplace, Predicate<PendingRecord> onlyRecordOfItsWindow, Predicate<PendingRecord> frozen) {
        this.marketplace = marketplace;
        this.onlyRecordOfItsWindow = onlyRecordOfItsWindow;
        this.frozen = frozen;
    }

    /**
     * What the answer means for the calls that follow. Asks nobody.
     *
     * @param callSize how many records the call had
     * @param history how the calls before went
     */
    CallEffect effect(PushAnswer answer, int callSize, RecentCallHistory history) {
        return switch (answer) {
            case PushAnswer.Accepted _ -> new Accepted();
            case PushAnswer.SomeAbnormal some -> some.restAccepted() ? new Accepted() : new GoOn();
            case PushAnswer.RefusedCall _ -> new GoOn();
            case PushAnswer.TooManyRecords _ -> callSize == 1 ? new Struggle(null) : new FewerRecords(callSize);
            case PushAnswer.NotAllowed notAllowed -> notAllowed(notAllowed, callSize, history);
            case PushAnswer.KeyRefused _ -> new CallEffect.OtherKey();
            case PushAnswer.Throttled throttled -> new SlowDown(throttled.retryAfter());
            case PushAnswer.Unclear unclear -> new Struggle(unclear.retryAfter());
            case PushAnswer.NotSent _ -> new Struggle(null);
            case PushAnswer.NotMade _ -> new NotMade();
        };
    }

    private static CallEffect notAllowed(PushAnswer.NotAllowed answer, int callSize, RecentCallHistory history) {
        if (callSize > 1) {
            return new CallEffect.NotAllowed();
        }
        if (history.failedAlone() >= NOT_ALLOWED_ALONE) {
            return new GoOn();
        }
        return history.loneInARow() + 1 >= LONE_BEFORE_STOP
                ? new Stop(answer.code(), answer.message())
                : new CallEffect.NotAllowed();
    }

    /** Whether an answer to a call of one record may be that record's fault, and not only ours or the marketplace's. */
    static boolean mayBeOfOneRecord(PushAnswer answer) {
        return switch (answer) {
            case PushAnswer.NotAllowed _, PushAnswer.Unclear _, PushAnswer.TooManyRecords _ -> true;
            case PushAnswer.Accepted _,
                    PushAnswer.SomeAbnormal _,
                    PushAnswer.RefusedCall _,
                    PushAnswer.KeyRefused _,
                    PushAnswer.Throttled _,
                    PushAnswer.NotSent _,
                    PushAnswer.NotMade _ -> false;
        };
    }

    /**
     * What the answer means for each record, in their order.
     *
     * @param records the records of the call that have no outcome yet
     * @param callSize how many records the call had: a record is only alone in a refusal if it was alone in the call
     * @param history how the calls before went
     */
    List<PushOutcome> outcomes(
            PushAnswer answer, List<PendingRecord> records, int callSize, RecentCallHistory history) {
        return switch (answer) {
            case PushAnswer.Accepted _ -> all(records, new Reported(false));
            case PushAnswer.SomeAbnormal some -> someAbnormal(some, records, callSize, history);
            case PushAnswer.RefusedCall refused ->
                callSize == 1
                        ? each(records, record -> refusedAlone(record, refused, history))
                        : all(records, suspects(history));
            case PushAnswer.TooManyRecords tooMany -> all(records, tooMany(tooMany, callSize, history));
            case PushAnswer.NotAllowed notAllowed -> notAllowed(notAllowed, records, callSize, history);
            case PushAnswer.Unclear unclear -> all(records, unclear(unclear, callSize, history));
            case PushAnswer.KeyRefused _, PushAnswer.Throttled _, PushAnswer.NotSent _ ->
                all(records, new Again(DeliveryCertainty.NEVER, Grouping.UNCHANGED, Pause.NONE));
            case PushAnswer.NotMade _ ->
                all(records, new Again(DeliveryCertainty.NEVER, Grouping.UNCHANGED, Pause.GROWING));
        };
    }

    private static PushOutcome tooMany(PushAnswer.TooManyRecords answer, int callSize, RecentCallHistory history) {
        return callSize == 1
                ? alone(new Again(DeliveryCertainty.AS_PART, Grouping.UNCHANGED, Pause.GROWING), answer, history)
                : new Again(DeliveryCertainty.AS_PART, Grouping.UNCHANGED, Pause.NONE);
    }

    private PushOutcome unclear(PushAnswer.Unclear unclear, int callSize, RecentCallHistory history) {
        if (marketplace.unclear() == Marketplace.Unclear.NEEDS_A_PERSON) {
            return new OutcomeUnknown(
                    "no clear answer, and the marketplace may take the identical record twice: " + unclear.why());
        }
        if (callSize == 1) {
            return alone(new Again(DeliveryCertainty.UNCLEAR, Grouping.UNCHANGED, Pause.GROWING), unclear, history);
        }
        return new Again(
                DeliveryCertainty.UNCLEAR,
                unclear.changeTheCall() || history.acceptedSinceTrouble() ? Grouping.AMONG_PARTS : Grouping.UNCHANGED,
                Pause.GROWING);
    }

    private static PushOutcome alone(Again again, PushAnswer answer, RecentCallHistory history) {
        return history.failedAlone() < UNCLEAR_ALONE
                ? again
                : new OutcomeUnknown("alone in its call it got no clear answer " + history.failedAlone()
                        + " times, while others were accepted; the last: " + answer);
    }

    /**
     * Mostly our key or our right to call; but an answer can be about one instance that is another seller's, and a signature can fail
     * because of what one record holds. So the call is split, and a record that is alone in being refused while others are accepted is at
     * fault itself; when nobody else is accepted either, it is us.
     */
    private static List<PushOutcome> notAllowed(
            PushAnswer.NotAllowed answer, List<PendingRecord> records, int callSize, RecentCallHistory history) {
        if (callSize > 1) {
            return all(
                    records,
                    new Again(
                            answer.recordsLookedAt() ? DeliveryCertainty.AS_PART : DeliveryCertainty.NEVER,
                            Grouping.SUSPECT,
                            Pause.NONE));
        }
        return history.failedAlone() >= NOT_ALLOWED_ALONE && answer.rejection() != Rejection.OF_OUR_KEY
                ? each(
                        records,
                        record -> refusal(
                                record,
                                answer.code(),
                                "not allowed, alone in its call, while others are accepted: " + answer.message(),
                                answer.rejection()))
                : all(records, new Again(DeliveryCertainty.NEVER, Grouping.SUSPECT, Pause.GROWING));
    }

    private static Again suspects(RecentCallHistory history) {
        return history.refusesAll() ? SUSPECTS_LATER : SUSPECTS;
    }

    private List<PushOutcome> someAbnormal(
            PushAnswer.SomeAbnormal answer, List<PendingRecord> records, int callSize, RecentCallHistory history) {
        Map<String, List<AbnormalRecord>> named = assign(answer.abnormal(), records, callSize);
        if (named.isEmpty()) {
            return all(records, suspects(history));
        }
        PushOutcome rest = answer.restAccepted()
                ? new Reported(false)
                : new Again(DeliveryCertainty.AS_PART, Grouping.UNCHANGED, Pause.NONE);
        List<PushOutcome> outcomes = new ArrayList<>(records.size());
        for (PendingRecord record : records) {
            List<AbnormalRecord> said = named.get(record.meteringSn());
            outcomes.add(said == null ? rest : abnormal(record, said));
        }
        return outcomes;
    }

    /** What names a record besides its serial number; an entry may leave out any of it. */
    private record InstanceWindow(@Nullable String instanceId, @Nullable Instant begin, @Nullable Instant end) {}

    /** Which record each entry speaks of; nothing at all as soon as one entry cannot be told, so the call is split until it can. */
    private static Map<String, List<AbnormalRecord>> assign(
            List<AbnormalRecord> abnormal, List<PendingRecord> records, int callSize) {
        Map<String, List<AbnormalRecord>> named = new HashMap<>();
        if (callSize == 1) {
            records.forEach(record -> named.put(record.meteringSn(), abnormal));
            return named;
        }
        Map<String, PendingRecord> bySn = new HashMap<>();
        Map<InstanceWindow, PendingRecord> byWindow = new HashMap<>();
        for (PendingRecord record : records) {
            bySn.put(record.meteringSn(), record);
            byWindow.put(
                    new InstanceWindow(
                            record.instanceId(),
                            record.window().begin(),
                            record.window().end()),
                    record);
        }
        for (AbnormalRecord entry : abnormal) {
            PendingRecord record = entry.meteringSn() != null
                    ? bySn.get(entry.meteringSn())
                    : byWindow.get(new InstanceWindow(entry.instanceId(), entry.begin(), entry.end()));
            if (record == null) {
                return Map.of();
            }
            named.computeIfAbsent(record.meteringSn(), anyRecord -> new ArrayList<>())
                    .add(entry);
        }
        return named;
    }

    private PushOutcome abnormal(PendingRecord record, List<AbnormalRecord> said) {
        AbnormalRecord first = said.get(0);
        if (said.stream().allMatch(entry -> entry.rejection() == Rejection.DUPLICATE)) {
            return duplicate(record, first.code());
        }
        if (said.stream().allMatch(entry -> entry.rejection() == Rejection.WHILE_FROZEN) && frozen.test(record)) {
            return new Again(DeliveryCertainty.NEVER, Grouping.UNCHANGED, Pause.WHILE_FROZEN);
        }
        if (said.stream().allMatch(entry -> entry.rejection().isRefusal())) {
            return refusal(record, first.code(), first.message(), first.rejection());
        }
        return new OutcomeUnknown(
                "the marketplace called the record abnormal with a code that nobody documented or that contradicts another: "
                        + said.stream()
                                .map(AbnormalRecord::code)
                                .distinct()
                                .sorted()
                                .toList());
    }

    private PushOutcome duplicate(PendingRecord record, String code) {
        if (record.arrival() == DeliveryCertainty.NEVER) {
            return new OutcomeUnknown(
                    "the marketplace has this record (" + code + "), but no earlier attempt of it is stored");
        }
        if (!onlyRecordOfItsWindow.test(record)) {
            return new OutcomeUnknown("the marketplace has a record of this window (" + code
                    + "), and the ledger does not hold exactly one");
        }
        return new Reported(true);
    }

    /**
     * A marketplace that refuses all may be at fault itself; then a record alone is no proof, until it was refused for some minutes. A
     * record that comes from a refused call was carried by as many refused calls as it has tries: if no fewer were refused in a row, none
     * was accepted since the first of them.
     */
    private static PushOutcome refusedAlone(
            PendingRecord record, PushAnswer.RefusedCall alone, RecentCallHistory history) {
        if (record.tries() >= TRIES_BEFORE_REFUSED) {
            return refusal(record, alone.code(), alone.message(), alone.rejection());
        }
        if (history.refusesAll()) {
            return new Again(DeliveryCertainty.NEVER, Grouping.UNCHANGED, Pause.GROWING);
        }
        boolean noneAcceptedSince = record.tries() > 0 && history.refusedInARow() >= record.tries();
        return noneAcceptedSince
                ? new Again(DeliveryCertainty.NEVER, Grouping.SUSPECT, Pause.GROWING)
                : refusal(record, alone.code(), alone.message(), alone.rejection());
    }

    private static PushOutcome refusal(PendingRecord record, String code, String message, Rejection rejection) {
        if (record.arrival() != DeliveryCertainty.NEVER && rejection != Rejection.ALWAYS_REFUSED) {
            return new OutcomeUnknown("refused with " + code + " (" + message
                    + "), but an earlier attempt "
                    + (record.arrival() == DeliveryCertainty.AS_PART
                            ? "went in a call that was refused as a whole, and may have been kept"
                            : "got no readable answer and may have been taken"));
        }
        return new Refused(code, message);
    }

    private static List<PushOutcome> each(List<PendingRecord> records, Function<PendingRecord, PushOutcome> outcome) {
        return records.stream().map(outcome).toList();
    }

    private static List<PushOutcome> all(List<PendingRecord> records, PushOutcome outcome) {
        return Collections.nCopies(records.size(), outcome);
    }
}
