package io.hourledger.simulator.callback;

import java.time.Duration;

/** The V2.0 calls to the seller (koogallery.md, section 4.4), each with how long it is repeated (section 4.6). */
public enum Activity {
    NEW_INSTANCE("newInstance", Duration.ofHours(3)),
    REFRESH_INSTANCE("refreshInstance", Duration.ofHours(2)),
    UPDATE_INSTANCE_STATUS("updateInstanceStatus", Duration.ofHours(2)),
    RELEASE_INSTANCE("releaseInstance", Duration.ofHours(2)),
    /** Tried once; then a person restarts it. */
    UPGRADE_INSTANCE("upgradeInstance", Duration.ZERO),
    CHANGE_INSTANCE_CHECK("changeInstanceCheck", Duration.ZERO);

    private final String word;
    private final Duration repeatedFor;

    Activity(String word, Duration repeatedFor) {
        this.word = word;
        this.repeatedFor = repeatedFor;
    }

    /** The value of {@code activity}. */
    public String word() {
        return word;
    }

    Duration repeatedFor() {
        return repeatedFor;
    }
}
