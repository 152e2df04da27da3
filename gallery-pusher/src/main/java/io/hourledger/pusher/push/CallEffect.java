package io.hourledger.pusher.push;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What one answer means for the calls that follow. */
sealed interface CallEffect {

    /** The call was accepted: way, key and rate are good. */
    record Accepted() implements CallEffect {}

    /** The answer says nothing about way, key and rate, such as a refused record. */
    record GoOn() implements CallEffect {}

    /** The marketplace was not asked. */
    record NotMade() implements CallEffect {}

    /** The call was not allowed, and it is open whether our key or a record is at fault: single records ask until one is accepted. */
    record NotAllowed() implements CallEffect {}

    /** One of the account's keys was refused, and no record looked at; the next call is signed with the other. */
    record OtherKey() implements CallEffect {}

    /** Lower the rate; no call before {@code pause} is over, or a time the pace chooses if the marketplace named none. */
    record SlowDown(@Nullable Duration pause) implements CallEffect {}

    /** The way to the marketplace is doubtful; too many of these in a row stop the calls for a while. */
    record Struggle(@Nullable Duration pause) implements CallEffect {}

    /** Calls take fewer records for a while: so many were too many. */
    record FewerRecords(int tooMany) implements CallEffect {}

    /** Nothing we send is accepted and no record is at fault: stop, alarm, and only ask now and then. */
    record Stop(String code, String message) implements CallEffect {}
}
