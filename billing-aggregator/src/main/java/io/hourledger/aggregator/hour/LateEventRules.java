package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.LateEvent.Standing;
import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdTable;
import io.hourledger.aggregator.scan.EventView;

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

    /** Its id may be known of its own hour and, used again, of one near now. */
    Standing standingOf(EventView event, long known, boolean tooOld) {
        long hour = event.hour();
        if (known == IdTable.ABSENT && event.isFilteredOut()) {
            return new Standing.FilteredOut();
        }
        if (known == IdTable.ABSENT) {
            return tooOld ? eventRules.tooOld(hour) : cutoffs.standing(hour);
        }
        // that of its own hour was there first
        long ofItsHour = ids.areSealedOnly(hour) ? known : ids.find(identity, hour, KnownIds.OWN_HOUR_ONLY);
        return Standing.beside(ofItsHour == IdTable.ABSENT ? known : ofItsHour, identity.content());
    }
}
