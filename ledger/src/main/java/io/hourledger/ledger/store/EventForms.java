package io.hourledger.ledger.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
        Map<String, String> byType = new LinkedHashMap<>();
        for (Lift lift : lifts) {
            String before = byType.getOrDefault(lift.type(), "payload");
            String lifted = before;
            for (Lift.Step step : lift.steps()) {
                lifted = step.sql(lifted);
            }
            byType.put(
                    lift.type(),
                    "(case when revision <= " + lift.from() + " then " + lifted + " else " + before + " end)");
        }
        if (byType.isEmpty()) {
            return "payload";
        }
        StringBuilder sql = new StringBuilder("(case event_type");
        byType.forEach((type, payload) ->
                sql.append(" when '").append(type).append("' then ").append(payload));
        return sql.append(" else payload end)").toString();
    }
}
