package io.hourledger.aggregator.lag;

import com.fasterxml.jackson.annotation.JsonValue;

/** Says where a lag is going at the present rates. */
public enum Trend {
    /** Nothing is unread, or only what comes in about a minute. */
    CAUGHT_UP("caught up"),
    CATCHING_UP("catching up"),
    /** More comes than is read. */
    FALLING_BEHIND("falling behind"),
    /** Records wait, and none is read. */
    STANDS_STILL("stands still"),
    /** It was not looked twice yet. */
    NOT_KNOWN("not known yet");

    private final String words;

    Trend(String words) {
        this.words = words;
    }

    @JsonValue
    public String words() {
        return words;
    }
}
