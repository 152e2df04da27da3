package io.hourledger.ingest.accept;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.scan.EventReaders;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.ingest.accept.AcceptSettings.ApiKeySettings;
import io.hourledger.ingest.accept.ItemAnswer.Status;
import io.hourledger.ingest.accept.Slices.NotABatch;
import io.hourledger.ingest.accept.Slices.Slice;
import io.hourledger.ingest.accept.Slices.TooMany;
import io.hourledger.ingest.accept.UsageLog.NotTaken;
import io.hourledger.ingest.accept.UsageLog.Origin;
import io.hourledger.ingest.accept.UsageLog.Outcome;
import io.hourledger.ingest.accept.UsageLog.Stored;
import io.hourledger.ingest.accept.UsageLog.Unconfirmed;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class UsageIntakeTest {

    private static final Instant NOW = Instant.parse("2026-11-24T13:05:00Z");
    private static final ApiKey SENDER =
            new ApiKeySettings("shop", "0".repeat(64), List.of("/shop"), List.of(), List.of()).toKey();
    private static final Origin ORIGIN = new Origin(SENDER.id(), null, Set.of());

    private final List<Consumer<Outcome>> waiting = new ArrayList<>();
    private final AtomicInteger completions = new AtomicInteger();

    @Test
    void nothing_is_accepted_before_the_log_has_it() {
        PendingAnswers answers = take((subject, event, received, origin, told) -> waiting.add(told), "a", "b");
        answers.whenComplete(completions::incrementAndGet);

        assertThat(answers.now()).extracting(ItemAnswer::status).containsOnly(Status.UNAVAILABLE);
        assertThat(answers.now()).extracting(ItemAnswer::code).containsOnly("unconfirmed");
        assertThat(answers.now()).extracting(ItemAnswer::id).containsExactly("a", "b");

        waiting.get(1).accept(new Stored("usage-events", 0, 7));
        assertThat(answers.now()).extracting(ItemAnswer::status).containsExactly(Status.UNAVAILABLE, Status.ACCEPTED);
        assertThat(completions).hasValue(0);

        waiting.get(0).accept(new Stored("usage-events", 0, 8));
        assertThat(answers.now()).extracting(ItemAnswer::status).containsOnly(Status.ACCEPTED);
        assertThat(completions).hasValue(1);
    }

    @Test
    void an_event_that_the_log_did_not_confirm_is_unavailable_and_its_sender_told_that_a_repeat_is_safe() {
        PendingAnswers answers =
                take((subject, event, received, origin, told) -> told.accept(new Unconfirmed("time is over")), "a");

        ItemAnswer answer = answers.now().get(0);
        assertThat(answer.status()).isEqualTo(Status.UNAVAILABLE);
        assertThat(answer.code()).isEqualTo("unconfirmed");
        assertThat(answer.detail()).contains("same source and id").contains("counts once");
    }

    @Test
    void a_full_log_is_asked_once_and_not_for_each_event_of_the_batch() {
        AtomicInteger asked = new AtomicInteger();
        PendingAnswers answers = take(
                (subject, event, received, origin, told) -> {
                    boolean room = asked.incrementAndGet() == 1;
                    told.accept(room ? new Stored("usage-events", 0, 7) : new NotTaken("no room"));
                },
                "a",
                "b",
                "c",
                "d");
        answers.whenComplete(completions::incrementAndGet);

        assertThat(asked).hasValue(2);
        assertThat(answers.now()).extracting(ItemAnswer::code).containsExactly("", "busy", "busy", "busy");
        assertThat(completions).hasValue(1);
    }

    @Test
    void a_second_word_about_an_event_changes_nothing() {
        PendingAnswers answers = take((subject, event, received, origin, told) -> waiting.add(told), "a");
        answers.whenComplete(completions::incrementAndGet);

        waiting.get(0).accept(new Unconfirmed("time is over"));
        waiting.get(0).accept(new Stored("usage-events", 0, 7));

        assertThat(answers.now()).extracting(ItemAnswer::status).containsExactly(Status.UNAVAILABLE);
        assertThat(completions).hasValue(1);
    }

    @Test
    void a_request_without_events_is_complete_at_once() {
        PendingAnswers answers = take((subject, event, received, origin, told) -> waiting.add(told));

        answers.whenComplete(completions::incrementAndGet);

        assertThat(completions).hasValue(1);
    }

    @Test
    void a_mistake_of_ours_with_one_event_does_not_hide_what_became_of_the_others() {
        byte[] body = events("a").getBytes(UTF_8);
        Slice outside = new Slice(body.length, 10, 0);

        PendingAnswers answers = intake(
                        (subject, event, received, origin, told) -> told.accept(new Stored("usage-events", 0, 7)))
                .take(
                        SENDER,
                        ORIGIN,
                        body,
                        List.of(new Slice(0, body.length, 0), outside, new Slice(0, body.length, 0)));

        assertThat(answers.now())
                .extracting(ItemAnswer::status)
                .containsExactly(Status.ACCEPTED, Status.UNAVAILABLE, Status.ACCEPTED);
        assertThat(answers.now().get(1).code()).isEqualTo("internal");
    }

    private static PendingAnswers take(UsageLog log, String... ids) {
        byte[] body = ("[" + events(ids) + "]").getBytes(UTF_8);
        try {
            return intake(log).take(SENDER, ORIGIN, body, Slices.ofArray(body, 100));
        } catch (NotABatch | TooMany e) {
            throw new AssertionError(e);
        }
    }

    private static UsageIntake intake(UsageLog log) {
        Meter meter = new Meter("requests", "web.request", Aggregation.COUNT, null, "requests", BigDecimal.ONE);
        EventReaders readers = new EventReaders(CatalogueVersions.only(new Catalogue(1, List.of(meter), List.of())));
        return new UsageIntake(
                new UsageChecks(() -> readers, UsageChecks.Takes.USAGE, Duration.ofDays(1), Duration.ofHours(1)),
                log,
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static String events(String... ids) {
        List<String> events = new ArrayList<>();
        for (String id : ids) {
            events.add(
                    """
                    {"specversion":"1.0","source":"/shop","id":"%s","type":"web.request","subject":"i-1",\
                    "time":"2026-11-24T13:04:59Z"}"""
                            .formatted(id));
        }
        return String.join(",", events);
    }
}
