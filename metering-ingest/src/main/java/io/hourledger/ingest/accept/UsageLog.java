package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.ItemAnswer.ItemError;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The durable log that accepted events go to. */
public interface UsageLog {

    /**
     * Hands one event over and returns before it is kept, after a short wait at most.
     *
     * @param subject the instance; events of one subject share a partition
     * @param event the bytes as the app sent them; nobody may change them afterwards
     * @param received business time of receipt
     * @param origin who sent it, for those who ask later
     * @param told called exactly once, by any thread, perhaps before this returns; must not block
     */
    void append(String subject, byte[] event, Instant received, Origin origin, Consumer<Outcome> told);

    /**
     * Where an event came from.
     *
     * @param keyId of the API key
     * @param traceparent the trace that its request belongs to, by W3C Trace Context; null without one
     * @param products to which the key is bound, for those who know of which product the instance is; none if it is not
     */
    record Origin(String keyId, @Nullable String traceparent, Set<String> products) {}

    /** What became of one event. Only {@link Kept} may be called accepted, so each case says itself what the sender is told. */
    sealed interface Outcome {
        ItemAnswer answerFor(String id);
    }

    /**
     * The log has it, on as many machines as its settings ask for.
     *
     * @param offset -1 if the log knew the event from an earlier try of this very hand-over and no longer says where it is
     */
    record Stored(String topic, int partition, long offset) implements Outcome {
        @Override
        public ItemAnswer answerFor(String id) {
            return ItemAnswer.accepted(id, this);
        }
    }

    /** It is certainly not in the log: the buffer was full, or no broker was known to hand it to. */
    record NotTaken(String why) implements Outcome {
        @Override
        public ItemAnswer answerFor(String id) {
            return ItemAnswer.notTaken(id, why);
        }
    }

    /** It is certainly not in the log and never will be. */
    record TooLarge(String why) implements Outcome {
        @Override
        public ItemAnswer answerFor(String id) {
            return ItemAnswer.rejected(id, List.of(new ItemError(Codes.TOO_LARGE, "", why)));
        }
    }

    /** Handed over, but not confirmed: it may be in the log or not. */
    record Unconfirmed(String why) implements Outcome {
        @Override
        public ItemAnswer answerFor(String id) {
            return ItemAnswer.unconfirmed(id, why);
        }
    }
}
