package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.EventRules.Refusal;
import io.hourledger.aggregator.hour.LateEvent.Standing;
import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdTable;
import io.hourledger.contracts.scan.EventView;

/** Decides on a late event by all that memory knows. The store may know more of its id. */
final class LateEventRules {

    private final EventRules eventRules;
    private final PartitionCutoffs cutoffs;
    private final KnownIds ids;
    private final EventIdentity identity;

    LateEventRules(EventRules eventRules, PartitionCutoffs cutoffs, KnownIds ids, EventIdentity identity) {
        this.eventRules = eventRules;
        this.cutoffs = cutoffs;
        this.ids = ids;
        this.identity = identity;
    }

    /** A reason of its own: the usage that it corrects stands on a bill, and a person has to decide about that. */
    private static Standing ofAmendment(Standing standing) {
        return standing instanceof Standing.Refused(Refusal refusal)
                ? new Standing.Refused(new Refusal(QuarantineReason.AMENDMENT_TOO_LATE, refusal.detail()))
                : standing;
    }

    /** Its id may be known of its own hour and, used again, of one near now. */
    Standing standingOf(EventView event, long known, boolean tooOld) {
        long hour = event.hour();
        if (known == IdTable.ABSENT && event.isFilteredOut()) {
            return new Standing.FilteredOut();
        }
        if (known == IdTable.ABSENT) {
            Standing standing = tooOld ? eventRules.tooOld(hour) : cutoffs.standing(hour);
            return event.isAmendment() ? ofAmendment(standing) : standing;
        }
        // that of its own hour was there first
        long ofItsHour = ids.areSealedOnly(hour) ? known : ids.find(identity, hour, KnownIds.OWN_HOUR_ONLY);
        return Standing.beside(ofItsHour == IdTable.ABSENT ? known : ofItsHour, identity.content());
    }
}
