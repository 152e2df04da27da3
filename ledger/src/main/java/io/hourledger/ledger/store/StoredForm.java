package io.hourledger.ledger.store;

import java.util.Objects;
import java.util.stream.Stream;
import org.axonframework.eventhandling.GenericDomainEventEntry;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.Converter;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SerializedType;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.SimpleSerializedType;
import org.axonframework.serialization.upcasting.event.EventUpcasterChain;
import org.axonframework.serialization.upcasting.event.InitialEventRepresentation;
import org.axonframework.serialization.upcasting.event.IntermediateEventRepresentation;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An event in the form in which it was written, on its way through Axon's upcasters.
 *
 * @param type the event's stable name
 * @param revision that it was written in
 */
record StoredForm(String type, int revision, ObjectNode payload) {

    /** The form that the last upcaster of its kind leaves it in; itself if there is none for it. */
    StoredForm upcastBy(EventUpcasterChain chain) {
        GenericDomainEventEntry<ObjectNode> entry = new GenericDomainEventEntry<>(
                "Instance",
                "",
                0,
                "",
                "",
                type,
                Integer.toString(revision),
                payload,
                JsonNodeFactory.instance.objectNode());
        IntermediateEventRepresentation last = chain.upcast(
                        Stream.of(new InitialEventRepresentation(entry, TreeSerializer.INSTANCE)))
                .reduce((one, two) -> {
                    throw new IllegalStateException("an event of type " + type + " became two");
                })
                .orElseThrow(() -> new IllegalStateException("an event of type " + type + " became none"));
        return new StoredForm(
                last.getType().getName(),
                Integer.parseInt(Objects.requireNonNull(last.getType().getRevision())),
                last.getData(ObjectNode.class).getData());
    }

    /** What Axon's chain asks of a serializer for events that are trees of JSON already: next to nothing. */
    private enum TreeSerializer implements Serializer, Converter {
        INSTANCE;

        @Override
        public Converter getConverter() {
            return this;
        }

        @Override
        public boolean canConvert(Class<?> sourceType, Class<?> targetType) {
            return targetType.isAssignableFrom(sourceType);
        }

        @Override
        public <T> T convert(Object original, Class<?> sourceType, Class<T> targetType) {
            return targetType.cast(original);
        }

        @Override
        public Class<?> classForType(SerializedType type) {
            return MetaData.class;
        }

        @Override
        @SuppressWarnings("rawtypes") // as Axon declares it
        public SerializedType typeForClass(Class type) {
            return new SimpleSerializedType(type.getName(), null);
        }

        @Override
        public <T> SerializedObject<T> serialize(Object object, Class<T> expectedRepresentation) {
            throw new UnsupportedOperationException("events are written by EventJson");
        }

        @Override
        public <T> boolean canSerializeTo(Class<T> expectedRepresentation) {
            return false;
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // as Axon declares it
        public <S, T> T deserialize(SerializedObject<S> serializedObject) {
            throw new UnsupportedOperationException("events are read by EventJson");
        }
    }
}
