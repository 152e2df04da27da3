package io.hourledger.simulator.fault;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the simulator can be told to do wrong. "After storing" means that the call took full effect before its answer went wrong. */
public enum Misbehaviour {
    /** Holds the answer until the caller has given up, then 504; nothing is kept. */
    TIMEOUT_BEFORE_STORING(Effect.NONE),
    /** Holds the answer until the caller has given up, then 504; everything is kept. */
    TIMEOUT_AFTER_STORING(Effect.FULL),
    /** 429 with {@code Retry-After} in seconds or as a date. */
    TOO_MANY_REQUESTS(Effect.NONE),
    /** 406 MKT.0250. */
    OVER_FREQUENCY(Effect.NONE),
    /** 406 without a body. */
    OVER_FREQUENCY_WITHOUT_BODY(Effect.NONE),
    /** A status and a code that are named: any row of koogallery.md, section 1.4, with whatever prefix, or one of the gateway. */
    CODED_REFUSAL(Effect.NONE),
    /** An HTML page under a status that is named; nothing is kept. */
    PAGE_BEFORE_STORING(Effect.NONE),
    /** An HTML page under a status that is named; everything is kept. */
    PAGE_AFTER_STORING(Effect.FULL),
    /** 302 to a page for people. */
    REDIRECT(Effect.NONE),
    /** 200 with bytes that are no text; nothing is kept. */
    GARBAGE_BEFORE_STORING(Effect.NONE),
    /** 200 with bytes that are no text; everything is kept. */
    GARBAGE_AFTER_STORING(Effect.FULL),
    /** The connection is cut in the middle of the answer; nothing is kept. */
    CUT_BEFORE_STORING(Effect.NONE),
    /** The connection is cut in the middle of the answer; everything is kept. */
    CUT_AFTER_STORING(Effect.FULL),
    /** Its clock is wrong, so no {@code ts} is near enough: 400 MKT.0102. */
    CLOCK_SKEW(Effect.NONE),
    /** Takes half of the calls that it announces, and answers those above it 429 APIGW.0308. */
    HIDDEN_HALVING(Effect.NONE),
    /** 429 APIGW.0308 without {@code Retry-After}. */
    GATEWAY_THROTTLED(Effect.NONE),
    /** 500 MKT.0999; nothing is kept. */
    INTERNAL_ERROR_BEFORE_STORING(Effect.NONE),
    /** 500 MKT.0999; everything is kept. */
    INTERNAL_ERROR_AFTER_STORING(Effect.FULL),
    /** 502 with an HTML page; nothing is kept. */
    BAD_GATEWAY_BEFORE_STORING(Effect.NONE),
    /** 502 with an HTML page; everything is kept. */
    BAD_GATEWAY_AFTER_STORING(Effect.FULL),
    /** 503 with an HTML page; nothing is kept. */
    SERVICE_UNAVAILABLE(Effect.NONE),
    /** 200 with an empty body; nothing is kept. */
    EMPTY_BODY_BEFORE_STORING(Effect.NONE),
    /** 200 with an empty body; everything is kept. */
    EMPTY_BODY_AFTER_STORING(Effect.FULL),
    /** 200 with a code that no page knows; everything is kept. */
    UNKNOWN_CODE_AFTER_STORING(Effect.FULL),
    /** The right answer, late. */
    SLOW_ANSWER(Effect.FULL),
    /** Single records are accepted and show as rejected later on; decided by seed and {@code metering_sn}. */
    REJECT_LATER(Effect.FULL),
    /** Of a callback: the identical one comes again at once. */
    REPEATED_CALL(Effect.ON_THE_SELLER),
    /** Of a callback: before it, one comes that another key signed. */
    FORGED_CALL(Effect.ON_THE_SELLER),
    /** Of a callback: before it, one comes that was signed ten minutes ago. */
    STALE_CALL(Effect.ON_THE_SELLER),
    /** Of a callback about an instance: later ones of its order line go out before it. */
    REORDERED_CALL(Effect.ON_THE_SELLER);

    private enum Effect {
        NONE,
        FULL,
        ON_THE_SELLER
    }

    private final Effect effect;

    Misbehaviour(Effect effect) {
        this.effect = effect;
    }

    /** Whether the call takes effect before it goes wrong. */
    public boolean storesFirst() {
        return effect == Effect.FULL;
    }

    /** Whether it is about calls to the seller, instead of answers to him. */
    public boolean isOfCallbacks() {
        return effect == Effect.ON_THE_SELLER;
    }

    /** Whether it is asked for by itself, and not of each call. */
    boolean isAskedForAlone() {
        return this == REJECT_LATER || this == HIDDEN_HALVING;
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
