package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.pusher.marketplace.PushAnswer;
import io.hourledger.pusher.marketplace.Rejection;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class PushMetricsTest {

    private static final List<PushAnswer> ANSWERS = List.of(
            new PushAnswer.Accepted(),
            new PushAnswer.SomeAbnormal(true, List.of()),
            new PushAnswer.RefusedCall("", "", Rejection.values()[0]),
            new PushAnswer.TooManyRecords(""),
            new PushAnswer.NotAllowed("", "", true, Rejection.values()[0]),
            new PushAnswer.KeyRefused(),
            new PushAnswer.Throttled("", null),
            new PushAnswer.Unclear("", null, false),
            new PushAnswer.NotMade(""),
            new PushAnswer.NotSent(""));

    private static final List<PushOutcome> OUTCOMES = List.of(
            new PushOutcome.Reported(false),
            new PushOutcome.Reported(true),
            new PushOutcome.Refused("", ""),
            new PushOutcome.OutcomeUnknown(""),
            new PushOutcome.Again(DeliveryCertainty.values()[0], null, PushOutcome.Pause.values()[0]));

    @Test
    void every_answer_and_outcome_is_there_with_0_before_the_first_call() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new PushMetrics(registry);

        assertThat(ANSWERS)
                .extracting(Object::getClass)
                .containsExactlyInAnyOrder(PushAnswer.class.getPermittedSubclasses());
        assertThat(ANSWERS).allSatisfy(answer -> assertThat(registry.get(PushMetrics.CALL_ANSWERS)
                        .tag("answer", answer.word())
                        .counter()
                        .count())
                .isZero());
        assertThat(OUTCOMES.stream().map(Object::getClass).distinct())
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(PushOutcome.class.getPermittedSubclasses()).toList());
        assertThat(OUTCOMES).allSatisfy(outcome -> assertThat(registry.get(PushMetrics.RECORD_OUTCOMES)
                        .tag("outcome", outcome.word())
                        .counter()
                        .count())
                .isZero());
    }
}
