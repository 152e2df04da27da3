package io.hourledger.pusher.koogallery;

import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageRecord;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.pusher.koogallery.TrialCall.Reply;
import io.hourledger.pusher.marketplace.AccountTrial.Check;
import io.hourledger.pusher.marketplace.AccountTrial.State;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * A usage record of the smallest amount, for an instance whose id is drawn at random. We give the ids of instances, so nobody can have it, and
 * nobody can be billed for it.
 */
record TrialRecord(UsageRecord record) {

    /** "Instance not found", of a call and of a record: the marketplace has read the whole record. */
    private static final Set<String> INSTANCE_NOT_FOUND = Set.of("9001", "0150", "001", "009");

    /** What is said of the form of a call. */
    private static final Set<String> WRONG_FORM = Set.of("0100", "0101", "0199");

    /**
     * @param now of the machine
     */
    static TrialRecord drawn(Instant now) {
        Instant end = now.truncatedTo(ChronoUnit.HOURS);
        String id = "trial-" + UUID.randomUUID();
        UsageWindow window = new UsageWindow(end.minus(1, ChronoUnit.HOURS), end);
        return new TrialRecord(new UsageRecord(
                id,
                MeteringSn.of(id, window),
                window,
                new BigDecimal("0.0001"),
                now.truncatedTo(ChronoUnit.SECONDS),
                null));
    }

    byte[] body() {
        KooGalleryRecordFormat format = new KooGalleryRecordFormat();
        return format.body(List.of(format.bytes(record)));
    }

    Check check(String what, Reply reply) {
        if (!(reply instanceof Reply.Answered answered)) {
            return new Check(what, State.NOT_KNOWN, "no answer", "try again, and see " + seenInConsole());
        }
        if (INSTANCE_NOT_FOUND.contains(answered.code())
                || answered.recordCodes().stream().anyMatch(INSTANCE_NOT_FOUND::contains)) {
            return new Check(what, State.OK, answered.text() + ": the instance was looked for", "");
        }
        if (answered.isWrongSignature()) {
            return new Check(
                    what,
                    State.NOT_OK,
                    answered.text() + ", though a call without records is taken",
                    "the marketplace signs another form of the body: report it, and release no product");
        }
        if (WRONG_FORM.contains(answered.code()) || !answered.recordCodes().isEmpty()) {
            return new Check(
                    what, State.NOT_OK, answered.text(), "the form is refused: report it, and release no product");
        }
        return new Check(what, State.NOT_KNOWN, answered.text(), "see " + seenInConsole());
    }

    /** A success says only "received": what was wrong shows in the console alone (koogallery.md, section 1.5). */
    private String seenInConsole() {
        return "record " + record.meteringSn().value()
                + " in the console's list of usage records: it must be rejected, for its instance";
    }
}
