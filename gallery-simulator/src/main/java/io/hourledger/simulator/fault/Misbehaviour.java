package io.hourledger.simulator.fault;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the simulator can be told to do wrong. "After storing" means that the call took full effect before its answer went wrong. */
public enum Misbehaviour {
    /** Holds the answer until the caller has given up, then 504; nothing is kept. */
    TIMEOUT_BEFORE_STORING(false),
    /** Holds the answer until the caller has given up, then 504; everything is kept. */
    TIMEOUT_AFTER_STORING(true),
    /** 429 with {@code Retry-After} in seconds or as a date. */
    TOO_MANY_REQUESTS(false),
    /** 406 MKT.0250. */
    OVER_FREQUENCY(false),
    /** 429 APIGW.0308 without {@code Retry-After}. */
    GATEWAY_THROTTLED(false),
    /** 500 MKT.0999; nothing is kept. */
    INTERNAL_ERROR_BEFORE_STORING(false),
    /** 500 MKT.0999; everything is kept. */
    INTERNAL_ERROR_AFTER_STORING(true),
    /** 502 with an HTML page; nothing is kept. */
    BAD_GATEWAY_BEFORE_STORING(false),
    /** 502 with an HTML page; everything is kept. */
    BAD_GATEWAY_AFTER_STORING(true),
    /** 503 with an HTML page; nothing is kept. */
    SERVICE_UNAVAILABLE(false),
    /** 200 with an empty body; nothing is kept. */
    EMPTY_BODY_BEFORE_STORING(false),
    /** 200 with an empty body; everything is kept. */
    EMPTY_BODY_AFTER_STORING(true),
    /** 200 with a code that no page knows; everything is kept. */
    UNKNOWN_CODE_AFTER_STORING(true),
    /** The right answer, late. */
    SLOW_ANSWER(true),
    /** Single records are accepted and show as rejected later on; decided by seed and {@code metering_sn}. */
    REJECT_LATER(true);

    private final boolean storesFirst;

    Misbehaviour(boolean storesFirst) {
        this.storesFirst = storesFirst;
    }

    /** Whether the call takes effect before it goes wrong. */
    public boolean storesFirst() {
        return storesFirst;
    }

    /** In lower case with hyphens. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** From the form that {@link #word} gives. */
    @JsonCreator
    public static Misbehaviour ofWord(String word) {
        for (Misbehaviour kind : values()) {
            if (kind.word().equals(word)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no such kind: " + word + "; there are "
                + Arrays.stream(values()).map(Misbehaviour::word).collect(Collectors.joining(", ")));
    }
}
