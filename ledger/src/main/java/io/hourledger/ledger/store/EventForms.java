package io.hourledger.ledger.store;

import java.util.List;

/** Every form that an event has ever had and no longer has, each with the way to its next form. Entries are never removed. */
final class EventForms {

    static final List<Lift> LIFTS = List.of();

    private EventForms() {}
}
