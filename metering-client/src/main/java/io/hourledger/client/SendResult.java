package io.hourledger.client;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one request came to.
 *
 * @param items for each usage of the request, in order, what became of it
 * @param reach how much of the service's trouble the request met
 * @param retryAfter what the service asks to wait before the next try, if it does
 * @param cause what came back, for a person; empty if all is well
 */
record SendResult(List<Item> items, Reach reach, @Nullable Duration retryAfter, String cause) {

    /** How a request that was not taken whole is to be followed. */
    enum Reach {
        /** Some or all usages have their answer; the rest alone waits. */
        ITEMS,
        /** Nothing was taken because there was too much of it. */
        TOO_MUCH,
        /** Nothing is known to be taken, and the next request would fare no better. */
        ALL
    }

    /** What became of one usage. */
    enum Fate {
        ACCEPTED,
        REJECTED,
        /** Not taken, as the service itself says; it is sent again. */
        NOT_TAKEN,
        /** It may be taken or not; it is sent again. */
        UNCLEAR;

        boolean sentAgain() {
            return this == NOT_TAKEN || this == UNCLEAR;
        }
    }

    /** What became of one usage, and for a rejected one why. */
    record Item(Fate fate, String code, String field, String detail) {

        static final Item ACCEPTED = new Item(Fate.ACCEPTED, "", "", "");
        static final Item NOT_TAKEN = new Item(Fate.NOT_TAKEN, "", "", "");
        static final Item UNCLEAR = new Item(Fate.UNCLEAR, "", "", "");

        static Item rejected(String code, String field, String detail) {
            return new Item(Fate.REJECTED, code, field, detail);
        }
    }

    /**
     * For how long nothing is sent.
     *
     * @param asked whether the service has asked for it
     */
    record Pause(long nanos, boolean asked) {}

    static SendResult allAccepted(int usages) {
        return new SendResult(Collections.nCopies(usages, Item.ACCEPTED), Reach.ITEMS, null, "");
    }

    /** Nothing is known to be taken. */
    static SendResult unclear(int usages, @Nullable Duration retryAfter, String cause) {
        return new SendResult(Collections.nCopies(usages, Item.UNCLEAR), Reach.ALL, retryAfter, cause);
    }
}
