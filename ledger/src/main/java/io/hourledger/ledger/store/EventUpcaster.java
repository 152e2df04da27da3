package io.hourledger.ledger.store;

import java.util.List;
import org.axonframework.serialization.SimpleSerializedType;
import org.axonframework.serialization.upcasting.event.IntermediateEventRepresentation;
import org.axonframework.serialization.upcasting.event.SingleEventUpcaster;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How an event's old form becomes the next one: an upcaster of Axon's whose work is said as data, so that Java (when an event is read) and SQL
 * (when projections are made inside the database) cannot come to differ.
 */
public final class EventUpcaster extends SingleEventUpcaster {

    private final String type;
    private final int from;
    private final List<Step> steps;

    /**
     * @param type the event's stable name
     * @param from the revision that is lifted to {@code from + 1}
     */
    public EventUpcaster(String type, int from, List<Step> steps) {
        this.type = type;
        this.from = from;
        this.steps = List.copyOf(steps);
    }

    String type() {
        return type;
    }

    int from() {
        return from;
    }

    List<Step> steps() {
        return steps;
    }

    @Override
    protected boolean canUpcast(IntermediateEventRepresentation event) {
        return event.getType().getName().equals(type)
                && Integer.toString(from).equals(event.getType().getRevision());
    }

    @Override
    protected IntermediateEventRepresentation doUpcast(IntermediateEventRepresentation event) {
        return event.upcastPayload(
                new SimpleSerializedType(type, Integer.toString(from + 1)), ObjectNode.class, payload -> {
                    steps.forEach(step -> step.apply(payload));
                    return payload;
                });
    }

    /** One change of a JSON object. */
    public sealed interface Step {
        void apply(ObjectNode payload);

        /** The same in SQL, around an expression of type jsonb. */
        String sql(String payload);
    }

    /** A member gets another name. */
    public record Rename(String member, String to) implements Step {
        public Rename {
            plain(member);
            plain(to);
        }

        @Override
        public void apply(ObjectNode payload) {
            JsonNode value = payload.remove(member);
            if (value != null) {
                payload.set(to, value);
            }
        }

        @Override
        public String sql(String payload) {
            return "(case when jsonb_exists(" + payload + ", '" + member + "') then (" + payload + " - '" + member
                    + "') || jsonb_build_object('" + to + "', " + payload + " -> '" + member + "') else " + payload
                    + " end)";
        }
    }

    /** A member that old events lack, with what it was then. */
    public record Add(String member, String value) implements Step {
        public Add {
            plain(member);
            plain(value);
        }

        @Override
        public void apply(ObjectNode payload) {
            payload.put(member, value);
        }

        @Override
        public String sql(String payload) {
            return "(" + payload + " || jsonb_build_object('" + member + "', '" + value + "'))";
        }
    }

    private static void plain(String text) {
        if (!text.matches("[A-Za-z0-9 .:_-]*")) {
            throw new IllegalArgumentException("not plain enough to stand in SQL: " + text);
        }
    }
}
