package io.hourledger.chaos;

import java.time.Duration;

/**
 * What a disturbance did to one part.
 *
 * @param manner in the words of the report; {@code died} when it ended by itself
 * @param from elapsed time since the load began
 * @param to when it did its work again
 */
record ChaosEvent(StackPart part, String manner, Duration from, Duration to, boolean ready) {

    static final String DIED = "died";
}
