package io.hourledger.pusher.push;

import org.jspecify.annotations.Nullable;

/** What one attempt came to for one record. Only {@link Again} is ever sent again, as the identical record under the identical id. */
sealed interface PushOutcome {

    /** A short stable word for metrics. */
    String word();

    /**
     * The marketplace has it.
     *
     * @param asDuplicate known from the answer that an earlier attempt of this very record had been taken
     */
    record Reported(boolean asDuplicate) implements PushOutcome {
        @Override
        public String word() {
            return asDuplicate ? "reported-as-duplicate" : "reported";
        }
    }

    /** The marketplace will never take it as it is. */
    record Refused(String code, String detail) implements PushOutcome {
        @Override
        public String word() {
            return "refused";
        }
    }

    /** No machine can know; a person settles it. */
    record OutcomeUnknown(String why) implements PushOutcome {
        @Override
        public String word() {
            return "unknown";
        }
    }

    /**
     * No outcome yet.
     *
     * @param arrival whether this attempt may have arrived
     * @param groupLimit how many records the next call with it may have; null for no (new) limit
     * @param backOff whether this record waits, longer with each try, before it goes again
     */
    record Again(DeliveryCertainty arrival, @Nullable Integer groupLimit, boolean backOff) implements PushOutcome {
        @Override
        public String word() {
            return "again";
        }
    }
}
