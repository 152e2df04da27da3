package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.EventType;
import io.hourledger.contracts.instance.InstanceEvent;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.axonframework.serialization.upcasting.event.EventUpcasterChain;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ObjectNode;

/**
 * Events as JSON, under the stable names and revisions of {@link EventType}. Amounts are JSON strings, exact and without exponent; moments are
 * ISO 8601 in UTC. Members stand in the order of the event's components, so equal events have equal bytes. Named values are flat: their
 * members stand beside the event's. The instance id is not in the JSON: it is the stream's.
 */
public final class EventJson {

    private static final String STREAM_MEMBER = "instanceId";

    private final JsonMapper mapper = JsonMapper.builder()
            .addModule(new SimpleModule()
                    .addSerializer(BigDecimal.class, new AmountWriter())
                    .addDeserializer(BigDecimal.class, new AmountReader()))
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .changeDefaultPropertyInclusion(
                    always -> always.withValueInclusion(com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL))
            .build();
    private final Map<String, Class<? extends InstanceEvent>> classes = new HashMap<>();
    private final EventUpcasterChain upcasters;

    /** With the forms that events have had so far. */
    public EventJson() {
        this(UpcasterChain.UPCASTERS);
    }

    EventJson(List<EventUpcaster> upcasters) {
        for (Class<?> permitted : InstanceEvent.class.getPermittedSubclasses()) {
            Class<? extends InstanceEvent> event = permitted.asSubclass(InstanceEvent.class);
            if (classes.put(typeOf(event).value(), event) != null) {
                throw new IllegalStateException(
                        "two events are named " + typeOf(event).value());
            }
        }
        this.upcasters = new EventUpcasterChain(upcasters);
    }

    /** An event as it is kept. */
    public record Written(String type, int revision, String payload) {}

    public Written write(InstanceEvent event) {
        EventType type = typeOf(event.getClass());
        ObjectNode payload = mapper.valueToTree(event);
        payload.remove(STREAM_MEMBER);
        return new Written(type.value(), type.revision(), mapper.writeValueAsString(payload));
    }

    /**
     * @param payload as it was written once, possibly long ago
     */
    public InstanceEvent read(String instanceId, String type, int revision, String payload) {
        Class<? extends InstanceEvent> event = classes.get(type);
        if (event == null) {
            throw new NewerEventException("the ledger holds an event that this version does not know: " + type);
        }
        ObjectNode node = (ObjectNode) mapper.readTree(payload);
        int current = typeOf(event).revision();
        if (revision > current) {
            throw new NewerEventException(
                    "the ledger holds a newer form of " + type + " than this version knows: " + revision);
        }
        if (revision < current) {
            StoredForm upcast = new StoredForm(type, revision, node).upcastBy(upcasters);
            if (upcast.revision() != current) {
                throw new IllegalStateException(
                        "no way leads from revision " + upcast.revision() + " of " + type + " to the next");
            }
            node = upcast.payload();
        }
        node.put(STREAM_MEMBER, instanceId);
        return mapper.treeToValue(node, event);
    }

    private static EventType typeOf(Class<?> event) {
        EventType type = event.getAnnotation(EventType.class);
        if (type == null) {
            throw new IllegalStateException("an event without a stable name: " + event);
        }
        return type;
    }

    private static final class AmountWriter extends ValueSerializer<BigDecimal> {
        @Override
        public void serialize(BigDecimal amount, JsonGenerator json, SerializationContext context) {
            json.writeString(amount.toPlainString());
        }
    }

    private static final class AmountReader extends ValueDeserializer<BigDecimal> {
        @Override
        public BigDecimal deserialize(JsonParser json, DeserializationContext context) throws JacksonException {
            return new BigDecimal(json.getString());
        }
    }
}
