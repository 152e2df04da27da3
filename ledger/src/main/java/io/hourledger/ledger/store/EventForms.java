package io.hourledger.ledger.store;

import java.util.List;

/** Every form that an event has ever had and no longer has, each with the way to its next form. Entries are never removed. */
public final class EventForms {

    static final List<Lift> LIFTS = List.of(
            // finance asked who had entered a dispute, as for every other decision
            new Lift(
                    "usage-record-disputed",
                    1,
                    List.of(new Lift.Rename("detail", "why"), new Lift.Add("who", "not recorded"))));

    private EventForms() {}

    /** An SQL expression for the payload of a row of {@code ledger.event} in its present form. */
    public static String presentPayloadSql() {
        return presentPayloadSql(LIFTS);
    }

    static String presentPayloadSql(List<Lift> lifts) {
        String payload = "payload";
        for (Lift lift : lifts) {
            String lifted = payload;
            for (Lift.Step step : lift.steps()) {
                lifted = step.sql(lifted);
            }
            payload = "(case when event_type = '" + lift.type() + "' and revision <= " + lift.from() + " then " + lifted
                    + " else " + payload + " end)";
        }
        return payload;
    }
}
