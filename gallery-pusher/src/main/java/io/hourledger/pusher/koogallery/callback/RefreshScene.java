package io.hourledger.pusher.koogallery.callback;

import io.hourledger.pusher.koogallery.callback.Call.InvalidCallException;
import java.util.Arrays;

/** Why V2.0 refreshes an instance (koogallery.md, section 4.4). V1.0 tells no scene. */
enum RefreshScene {
    TRIAL_TO_FORMAL,
    RENEWAL,
    /** The order is the one that renewed before. Its term is taken back. */
    UNSUBSCRIBE_RENEWAL_PERIOD,
    /** What the instance goes on as stands in the order. */
    RENEWAL_CHANGE;

    private static final int MAX_CHARS = 64;

    /**
     * @throws InvalidCallException if the call names none, or one that no document has
     */
    static RefreshScene of(Call call) {
        String word = call.required("scene", MAX_CHARS);
        return Arrays.stream(values())
                .filter(scene -> scene.name().equals(word))
                .findFirst()
                .orElseThrow(() -> new InvalidCallException("no such scene"));
    }

    /** Whether a freeze that stood for the end of a term may end with it: a term that is taken back begins none. */
    boolean beginsATerm() {
        return this != UNSUBSCRIBE_RENEWAL_PERIOD;
    }
}
