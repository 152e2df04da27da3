package io.hourledger.simulator.callback;

import io.hourledger.simulator.order.CallbackGeneration;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One call to the seller, on its way from the order to its answer.
 *
 * @param instanceId null until the seller has opened it
 */
public record Callback(
        long callbackId,
        Activity activity,
        String orderLineId,
        String orderId,
        @Nullable String instanceId,
        Content content,
        Progress progress) {

    /**
     * What it says.
     *
     * @param fields what it says beyond the common fields, as V2.0 names them
     * @param derivedIds whether {@code businessId} is derived from the order line instead of being new on every call
     */
    public record Content(
            CallbackGeneration generation, Map<String, Object> fields, boolean derivedIds, boolean test) {}

    /**
     * How far it has come.
     *
     * @param heldBack whether later calls of its order line may go out before it
     * @param giveUpAt machine time; null before the first call
     * @param firstSentAt business time; null before the first call
     */
    public record Progress(
            State state,
            int attempts,
            boolean heldBack,
            @Nullable Instant giveUpAt,
            @Nullable Instant firstSentAt,
            @Nullable String lastAnswer) {}

    /** What is sent: the common fields of an opening beside its own. */
    Map<String, Object> body() {
        Map<String, Object> body = new HashMap<>(content.fields);
        if (activity == Activity.NEW_INSTANCE) {
            body.put("orderId", orderId);
            body.put("orderLineId", orderLineId);
            body.put(
                    "businessId",
                    content.derivedIds
                            ? DerivedId.businessId(orderLineId)
                            : UUID.randomUUID().toString());
        }
        return content.generation == CallbackGeneration.FIRST ? FirstGenerationForm.of(body) : body;
    }

    /** How long it is repeated. */
    Duration repeatedFor() {
        return activity.repeatedFor(content.generation);
    }

    /** The value of {@code activity}. */
    String word() {
        return activity.word(content.generation);
    }

    /** Where it is. */
    public enum State {
        /** To be sent, for the first time or again. */
        PENDING,
        /** Answered "in progress": queryInstance is asked until the instance is there. */
        POLLING,
        DONE,
        /** Given up; a person may restart it. */
        FAILED
    }
}
