package io.hourledger.simulator.callback;

import io.hourledger.simulator.order.CallbackGeneration;
import java.time.Duration;

/** The calls to the seller (koogallery.md, sections 4.4 and 4.5), each with how long it is repeated (section 4.6). */
public enum Activity {
    NEW_INSTANCE("newInstance", "newInstance", Duration.ofHours(3)),
    REFRESH_INSTANCE("refreshInstance", "refreshInstance", Duration.ofHours(2)),
    UPDATE_INSTANCE_STATUS("instanceStatus", "updateInstanceStatus", Duration.ofHours(2)),
    RELEASE_INSTANCE("releaseInstance", "releaseInstance", Duration.ofHours(2)),
    /** In V2.0 tried once; then a person restarts it. */
    UPGRADE_INSTANCE("upgrade", "upgradeInstance", Duration.ofHours(3)),
    /** Of V1.0 alone. */
    EXPIRE_INSTANCE("expireInstance", "", Duration.ofHours(1)),
    /** Of V2.0 alone. */
    CHANGE_INSTANCE_CHECK("", "changeInstanceCheck", Duration.ZERO);

    private final String firstWord;
    private final String secondWord;
    private final Duration repeatedFor;

    Activity(String firstWord, String secondWord, Duration repeatedFor) {
        this.firstWord = firstWord;
        this.secondWord = secondWord;
        this.repeatedFor = repeatedFor;
    }

    /** The value of {@code activity}; empty if the generation has no such call. */
    public String word(CallbackGeneration generation) {
        return generation == CallbackGeneration.FIRST ? firstWord : secondWord;
    }

    Duration repeatedFor(CallbackGeneration generation) {
        return this == UPGRADE_INSTANCE && generation == CallbackGeneration.SECOND ? Duration.ZERO : repeatedFor;
    }
}
