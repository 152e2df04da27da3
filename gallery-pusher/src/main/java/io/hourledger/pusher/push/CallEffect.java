package io.hourledger.pusher.push;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What one answer means for the calls that follow. */
sealed interface CallEffect {

    /** All is well. */
    record GoOn() implements CallEffect {}

    /** Lower the rate; no call before {@code pause} is over, or a time the pace chooses if the marketplace named none. */
    record SlowDown(@Nullable Duration pause) implements CallEffect {}

    /** The way to the marketplace is doubtful; too many of these in a row stop the calls for a while. */
    record Struggle(@Nullable Duration pause) implements CallEffect {}

    /** Calls take fewer records from now on. */
    record FewerRecords(int most) implements CallEffect {}

    /** Nothing we send is accepted and no record is at fault: stop, alarm, and only ask now and then. */
    record Stop(String code, String message) implements CallEffect {}
}
