package io.hourledger.ledger.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every form that an event has ever had and no longer has, each with the way to its next form, in Axon's order: the forms of one event from the
 * oldest on. Entries are never removed.
 */
public final class UpcasterChain {

    static final List<EventUpcaster> UPCASTERS = List.of(
            // there was one seller account, whose name was not kept with the instance; a setting that is left out calls
            // it so
            new EventUpcaster("instance-opened", 1, List.of(new EventUpcaster.Add("account", "default"))),
            // finance asked who had entered a dispute, as for every other decision
            new EventUpcaster(
                    "usage-record-disputed",
                    1,
                    List.of(new EventUpcaster.Rename("detail", "why"), new EventUpcaster.Add("who", "not recorded"))));

    private UpcasterChain() {}

    /** An SQL expression for the payload of a row of {@code ledger.event} in its present form. */
    public static String presentPayloadSql() {
        return presentPayloadSql(UPCASTERS);
    }

    static String presentPayloadSql(List<EventUpcaster> upcasters) {
        Map<String, String> byType = new LinkedHashMap<>();
        for (EventUpcaster upcaster : upcasters) {
            String before = byType.getOrDefault(upcaster.type(), "payload");
            String upcast = before;
            for (EventUpcaster.Step step : upcaster.steps()) {
                upcast = step.sql(upcast);
            }
            byType.put(
                    upcaster.type(),
                    "(case when revision <= " + upcaster.from() + " then " + upcast + " else " + before + " end)");
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
