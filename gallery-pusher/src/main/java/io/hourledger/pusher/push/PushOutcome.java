package io.hourledger.pusher.push;

/** What one attempt came to for one record. Only {@link Again} is ever sent again, as the identical record under the identical id. */
sealed interface PushOutcome {

    /** A short stable word for metrics. */
    String word();

    /** Whether the record at fault in a set of suspects is this one, or among those of its call: nothing speaks against the others. */
    default boolean holdsFault() {
        return switch (this) {
            case Reported _ -> false;
            case Refused _, OutcomeUnknown _ -> true;
            case Again again -> again.grouping() == Grouping.SUSPECT;
        };
    }

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
     * @param grouping with which others it goes
     * @param pause how long it waits before
     */
    record Again(DeliveryCertainty arrival, Grouping grouping, Pause pause) implements PushOutcome {
        @Override
        public String word() {
            return "again";
        }
    }

    /** How long a record waits before it goes again. */
    enum Pause {

        /** Not at all. */
        NONE,

        /** Not at all at first, as halving a refused call finds the record at fault; longer with each try after that. */
        AFTER_SOME_TRIES,

        /** Longer with each try. */
        GROWING,

        /** Until its instance is frozen no more. */
        WHILE_FROZEN
    }

    /** With which others a record goes again. */
    enum Grouping {

        /** As before: the answer says nothing of its company. */
        UNCHANGED,

        /** With other parts, in calls of their own size. */
        AMONG_PARTS,

        /** A record of this call is at fault: half of the call goes next, until it is found. */
        SUSPECT
    }
}
