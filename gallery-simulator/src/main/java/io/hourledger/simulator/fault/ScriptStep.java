package io.hourledger.simulator.fault;

import io.hourledger.simulator.fault.Fault.Parameters;
import io.hourledger.simulator.fault.Fault.RetryAfterForm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One switch of a script.
 *
 * @param word names it in the report: the kind, and what tells it from others of that kind
 * @param kind null for a host that is down: connections are refused
 * @param share of the calls that it hits, from 0 to 1
 * @param count how many calls it hits at most
 * @param lasts how long an outage lasts at least, in machine time; zero for what ends when its calls were hit
 */
record ScriptStep(
        String word, @Nullable Misbehaviour kind, Parameters parameters, double share, int count, Duration lasts) {

    private static final int MANY = 1_000_000;

    /** Longer than a pusher of a soak waits for an answer. */
    private static final Duration HELD = Duration.ofSeconds(4);

    /**
     * Codes that refuse a call for good. Only calls of several records get them: a record that is refused for good alone is a person's.
     */
    private static final List<String> FINAL = List.of(
            "500 MKT.0100",
            "400 MKT.0101",
            "400 MKT.0199",
            "401 MKT.0150",
            "500 MKT.9001",
            "500 MKT.9002",
            "500 MKT.9003",
            "500 MKT.9004",
            "500 CBC.9003",
            "400 0101");

    /** Codes that are about us or the moment; whatever a call carries, it goes again. */
    private static final List<String> PASSING = List.of(
            "500 MKT.0999",
            "500 CBC.0999",
            "401 MKT.0151",
            "401 MKT.0154",
            "400 MKT.0102",
            "401 APIGW.0301",
            "429 APIGW.0308",
            "406 CBC.0250",
            "503 APIGW.0201",
            "404 APIGW.0101");

    /** Whether it ends when its time is over. */
    boolean isTimed() {
        return !lasts.isZero();
    }

    /** Whether no call is taken while it lasts. */
    boolean isOutage() {
        return isTimed() && kind != Misbehaviour.HIDDEN_HALVING;
    }

    /** Every switch once, in an order that the seed gives. */
    static List<ScriptStep> all(long seed) {
        List<ScriptStep> steps = new ArrayList<>();
        for (String row : FINAL) {
            steps.add(coded(row, 2));
        }
        for (String row : PASSING) {
            steps.add(coded(row, 0));
        }
        for (RetryAfterForm form : RetryAfterForm.values()) {
            steps.add(some(Misbehaviour.TOO_MANY_REQUESTS, Parameters.retryAfter(form), "-" + form));
        }
        for (int status : new int[] {404, 500, 501, 504}) {
            steps.add(some(Misbehaviour.PAGE_BEFORE_STORING, Parameters.status(status), "-" + status));
            steps.add(some(Misbehaviour.PAGE_AFTER_STORING, Parameters.status(status), "-" + status));
        }
        for (Misbehaviour kind : List.of(
                Misbehaviour.OVER_FREQUENCY,
                Misbehaviour.OVER_FREQUENCY_WITHOUT_BODY,
                Misbehaviour.GATEWAY_THROTTLED,
                Misbehaviour.INTERNAL_ERROR_AFTER_STORING,
                Misbehaviour.BAD_GATEWAY_BEFORE_STORING,
                Misbehaviour.BAD_GATEWAY_AFTER_STORING,
                Misbehaviour.SERVICE_UNAVAILABLE,
                Misbehaviour.EMPTY_BODY_BEFORE_STORING,
                Misbehaviour.EMPTY_BODY_AFTER_STORING,
                Misbehaviour.UNKNOWN_CODE_AFTER_STORING,
                Misbehaviour.REDIRECT,
                Misbehaviour.GARBAGE_BEFORE_STORING,
                Misbehaviour.GARBAGE_AFTER_STORING,
                Misbehaviour.CUT_BEFORE_STORING,
                Misbehaviour.CUT_AFTER_STORING)) {
            steps.add(some(kind, Parameters.DEFAULT, ""));
        }
        steps.add(some(Misbehaviour.TIMEOUT_BEFORE_STORING, Parameters.delayed(HELD), ""));
        steps.add(some(Misbehaviour.TIMEOUT_AFTER_STORING, Parameters.delayed(HELD), ""));
        steps.add(some(Misbehaviour.SLOW_ANSWER, Parameters.delayed(HELD.dividedBy(4)), ""));
        steps.add(new ScriptStep(
                Misbehaviour.REJECT_LATER.word(),
                Misbehaviour.REJECT_LATER,
                Parameters.DEFAULT,
                0.2,
                2,
                Duration.ZERO));
        Random random = new Random(seed);
        for (Misbehaviour kind : List.of(
                Misbehaviour.CUT_BEFORE_STORING,
                Misbehaviour.TIMEOUT_BEFORE_STORING,
                Misbehaviour.SERVICE_UNAVAILABLE,
                Misbehaviour.CLOCK_SKEW,
                Misbehaviour.HIDDEN_HALVING)) {
            steps.add(new ScriptStep(
                    "outage-" + kind.word(), kind, Parameters.delayed(HELD), 1, MANY, lengthOfOutage(random)));
        }
        steps.add(
                new ScriptStep("outage-connection-refused", null, Parameters.DEFAULT, 1, MANY, lengthOfOutage(random)));
        Collections.shuffle(steps, random);
        return List.copyOf(steps);
    }

    private static Duration lengthOfOutage(Random random) {
        return Duration.ofMillis(3_000 + random.nextInt(6_000));
    }

    private static ScriptStep coded(String row, int fewestRecords) {
        String[] statusAndCode = row.split(" ", -1);
        return new ScriptStep(
                statusAndCode[0] + "-" + statusAndCode[1],
                Misbehaviour.CODED_REFUSAL,
                Parameters.refusal(Integer.parseInt(statusAndCode[0]), statusAndCode[1], fewestRecords),
                0.5,
                1,
                Duration.ZERO);
    }

    private static ScriptStep some(Misbehaviour kind, Parameters parameters, String more) {
        String word = kind.word() + more.toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        return new ScriptStep(word, kind, parameters, 0.5, 1, Duration.ZERO);
    }
}
