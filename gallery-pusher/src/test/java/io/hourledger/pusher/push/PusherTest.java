package io.hourledger.pusher.push;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.StoredEvent;
import io.hourledger.pusher.GalleryStub;
import io.hourledger.pusher.koogallery.MarketplaceHosts;
import io.hourledger.pusher.koogallery.SellerKeys;
import io.hourledger.pusher.koogallery.UsagePushClient;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.UsagePushPort;
import io.hourledger.pusher.push.ModelGallery.Mood;
import io.hourledger.pusher.push.PushRig.OnePusher;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("servers")
class PusherTest {

    private static final String REPORTED = "usage-record-reported";
    private static final String REFUSED = "usage-record-refused";
    private static final String DOUBTED = "usage-record-outcome-unknown";
    private static final String ISSUED = "usage-record-issued";

    private static final PushRig stack = new PushRig();
    private final ModelGallery gallery = new ModelGallery();

    @BeforeEach
    void anEmptyQueue() {
        stack.clear();
    }

    @AfterAll
    static void close() {
        stack.close();
    }

    private List<String> states(List<UsageRecordIssued> records) {
        return records.stream().map(stack::stateOf).toList();
    }

    @Test
    void an_issued_record_is_reported_and_leaves_the_queue() {
        List<UsageRecordIssued> records = stack.issue(3);
        stack.pusher(gallery).pushAll();
        assertThat(gallery.billed()).hasSize(3);
        assertThat(states(records)).containsOnly(REPORTED);
        assertThat(gallery.calls()).hasSize(1);
    }

    @Test
    void a_call_has_at_most_a_thousand_records() {
        stack.issue(1001);
        stack.pusher(gallery).pushAll();
        assertThat(gallery.calls()).extracting(List::size).containsExactly(1000, 1);
    }

    @Test
    void reading_the_ledgers_events_again_pushes_nothing_again() {
        List<UsageRecordIssued> records = stack.issue(1);
        stack.pusher(gallery).pushAll();
        stack.read(List.of(
                new StoredEvent(1, records.get(0)),
                new StoredEvent(
                        2,
                        new InstanceEvent.UsageRecordReported(
                                records.get(0).instanceId(),
                                records.get(0).record(),
                                records.get(0).amount(),
                                "in-flight",
                                PushRig.NINE))));
        assertThat(stack.queued()).isZero();
    }

    @Test
    void reading_the_ledgers_events_again_changes_nothing_on_the_queue() {
        List<UsageRecordIssued> records = stack.issue(3);
        stack.readAll(records);
        assertThat(stack.queued()).isEqualTo(3);
    }

    /** peers.md 18, 21, 22: after any answer that is no outcome, the identical records go again and end as reported, once. */
    @ParameterizedTest
    @EnumSource(value = Mood.class, mode = EnumSource.Mode.EXCLUDE, names = "FINE")
    void whatever_comes_first_the_identical_records_go_again_and_are_billed_once(Mood mood) {
        List<UsageRecordIssued> records = stack.issue(5);
        gallery.moods(List.of(mood, mood, mood));
        stack.pusher(gallery).pushAll();
        assertThat(states(records)).containsOnly(REPORTED);
        assertThat(gallery.billed()).hasSize(5);
        assertThat(gallery.sentTwoWays()).isZero();
        records.forEach(record -> assertThat(stack.events(record, REPORTED)).isOne());
    }

    /** peers.md 19: a duplicate of our own earlier attempt is success. */
    @Test
    void a_duplicate_after_a_stored_attempt_is_success() {
        List<UsageRecordIssued> records = stack.issue(2);
        gallery.moods(List.of(Mood.TAKEN_THEN_SILENCE));
        double before = duplicates();
        stack.pusher(gallery).pushAll();
        assertThat(states(records)).containsOnly(REPORTED);
        assertThat(duplicates() - before).isEqualTo(2);
    }

    private static double duplicates() {
        return stack.metrics
                .counter(PushMetrics.RECORD_OUTCOMES, "outcome", "reported-as-duplicate")
                .count();
    }

    /** After an outage hours close while outcomes are taken to the ledger, and both speak of the same instances. */
    @Test
    void an_outcome_is_kept_though_the_instance_gets_another_hour_whenever_the_ledger_is_asked() {
        UsageRecordIssued record = stack.issue(1).get(0);
        AtomicInteger hours = new AtomicInteger();
        Ledger busy = commands -> {
            InstanceId id = commands.get(0).instanceId();
            Instant next = PushRig.NINE.plus(Duration.ofHours(hours.incrementAndGet()));
            CompletableFuture.runAsync(() -> stack.ledger.handle(PushRig.meterHour(id, next, BigDecimal.ONE)))
                    .join();
            return stack.ledger.handleAll(commands);
        };
        stack.new OnePusher(PushRig.settings("one", PushRig.LONG_LEASE, 1000), gallery, CrashPoint.NONE, busy)
                .pushOnce();
        assertThat(states(List.of(record))).containsExactly(REPORTED);
        assertThat(hours).as("the ledger was asked once").hasValue(1);
    }

    /** peers.md 19: a duplicate of something we never sent is not ours to call success. */
    @Test
    void a_duplicate_without_an_earlier_attempt_is_doubted() {
        List<UsageRecordIssued> records = stack.issue(1);
        String sn = records.get(0).record().meteringSn();
        stack.pusher((body, latest) -> abnormal(sn, "005")).pushAll();
        assertThat(states(records)).containsExactly(DOUBTED);
        assertThat(stack.jdbc
                        .sql("select count(*) from pusher.attempt")
                        .query(Long.class)
                        .single())
                .isOne();
    }

    /** A call that was throttled was certainly not taken, so a duplicate after it is not ours either. */
    @Test
    void a_duplicate_after_attempts_that_certainly_did_not_arrive_is_doubted() {
        List<UsageRecordIssued> records = stack.issue(1);
        String sn = records.get(0).record().meteringSn();
        List<HttpResult> answers = new ArrayList<>(List.of(
                new HttpResult.Answer(429, "0", new byte[0]),
                new HttpResult.NotSent("refused"),
                ModelGallery.coded(400, "MKT.0102"),
                abnormal(sn, "010")));
        stack.pusher((body, latest) -> answers.remove(0)).pushAll();
        assertThat(states(records)).containsExactly(DOUBTED);
    }

    /** peers.md 20: each record has its own outcome. */
    @Test
    void the_abnormal_records_of_an_accepted_call_are_refused_and_the_others_reported() {
        List<UsageRecordIssued> records = stack.issue(4);
        gallery.callsBad(records.get(2).record().meteringSn());
        stack.pusher(gallery).pushAll();
        assertThat(states(records)).containsExactly(REPORTED, REPORTED, REFUSED, REPORTED);
        assertThat(gallery.calls()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"001", "002", "003", "004", "006", "007", "009", "011", "012", "013"})
    void every_documented_code_of_a_bad_record_refuses_it(String code) {
        List<UsageRecordIssued> records = stack.issue(1);
        stack.pusher((body, latest) -> abnormal(records.get(0).record().meteringSn(), code))
                .pushAll();
        assertThat(states(records)).containsExactly(REFUSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"008", "", "099", "banana"})
    void a_record_code_that_nobody_documented_is_doubted_never_success(String code) {
        List<UsageRecordIssued> records = stack.issue(1);
        stack.pusher((body, latest) -> abnormal(records.get(0).record().meteringSn(), code))
                .pushAll();
        assertThat(states(records)).containsExactly(DOUBTED);
    }

    @Test
    void abnormal_records_that_cannot_be_told_split_the_call_until_they_can() {
        List<UsageRecordIssued> records = stack.issue(8);
        String bad = records.get(5).record().meteringSn();
        stack.pusher((body, latest) -> new String(body, UTF_8).contains(bad)
                        ? json("{\"error_code\":\"MKT.0000\",\"abnormal_usage_data\":[{\"error_code\":\"001\"}]}")
                        : json(ModelGallery.ACCEPTED))
                .pushAll();
        List<String> expected = new ArrayList<>(java.util.Collections.nCopies(8, REPORTED));
        expected.set(5, DOUBTED);
        assertThat(states(records)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_call_refused_because_of_one_record_is_halved_until_that_record_is_alone(boolean keepsGoodOnes) {
        List<UsageRecordIssued> records = stack.issue(100);
        gallery.refusesWholeCalls(true, keepsGoodOnes);
        gallery.callsBad(records.get(61).record().meteringSn());
        stack.pusher(gallery).pushAll();
        for (int i = 0; i < 100; i++) {
            assertThat(stack.stateOf(records.get(i))).isEqualTo(i == 61 ? DOUBTED : REPORTED);
        }
        assertThat(gallery.billed()).hasSize(99);
        assertThat(gallery.calls()).hasSizeLessThan(20);
        assertThat(gallery.calls()).contains(List.of(records.get(61).record().meteringSn()));
    }

    @Test
    void three_bad_records_in_a_thousand_do_not_take_the_others_with_them() {
        List<UsageRecordIssued> records = stack.issue(1000);
        gallery.refusesWholeCalls(true, false);
        List<Integer> bad = List.of(0, 499, 999);
        bad.forEach(i -> gallery.callsBad(records.get(i).record().meteringSn()));
        stack.pusher(gallery).pushAll();
        assertThat(gallery.billed()).hasSize(997);
        assertThat(IntStream.range(0, 1000)
                        .filter(i -> stack.stateOf(records.get(i)).equals(DOUBTED))
                        .boxed()
                        .toList())
                .isEqualTo(bad);
        assertThat(gallery.calls()).hasSizeLessThan(70);
    }

    @Test
    void a_gallery_that_takes_a_hundred_records_gets_no_more() {
        stack.issue(1000);
        gallery.takesAtMost(100);
        stack.pusher(gallery, PushRig.rate(Duration.ofMillis(1), Duration.ofHours(1)))
                .pushAll();
        assertThat(gallery.billed()).hasSize(1000);
        assertThat(gallery.calls().subList(4, gallery.calls().size()))
                .allSatisfy(call -> assertThat(call).hasSizeLessThanOrEqualTo(100));
    }

    /** A few wrong answers do not make every later call small. */
    @Test
    void after_wrong_answers_that_a_call_is_too_large_calls_grow_again() {
        stack.issue(8);
        gallery.moods(java.util.Collections.nCopies(8, Mood.TOO_MANY));
        OnePusher pusher = stack.pusher(gallery, PushRig.rate(Duration.ofMillis(1), Duration.ofMillis(1)));
        pusher.pushAll();
        for (int i = 0; i < 20; i++) {
            stack.issue(10);
            pusher.pushAll();
        }
        assertThat(gallery.calls().get(gallery.calls().size() - 1)).hasSize(10);
    }

    /** peers.md 25: a wrong key stops pushing; no record is lost, refused or called pushed. */
    @ParameterizedTest
    @ValueSource(strings = {"MKT.0102", "MKT.0151", "MKT.0154", "APIGW.0301"})
    void when_our_key_is_not_accepted_everything_stays_and_one_record_asks_now_and_then(String code) {
        List<UsageRecordIssued> records = stack.issue(10);
        List<Integer> sizes = new ArrayList<>();
        boolean[] mended = {false};
        OnePusher pusher = stack.pusher((body, latest) -> {
            sizes.add(new String(body, UTF_8).split("metering_sn", -1).length - 1);
            return mended[0] ? json(ModelGallery.ACCEPTED) : ModelGallery.coded(401, code);
        });
        for (int i = 0; i < 6; i++) {
            pusher.pushOnce();
        }
        assertThat(sizes).containsExactly(10, 1, 1, 1, 1, 1);
        assertThat(states(records)).containsOnly(ISSUED);
        assertThat(pusher.pusher.stop()).isPresent();
        assertThat(stack.queued()).isEqualTo(10);

        mended[0] = true;
        pusher.pushAll();
        assertThat(states(records)).containsOnly(REPORTED);
        assertThat(pusher.pusher.stop()).isEmpty();
    }

    /** Two calls for one permit would be up to twice the account's rate. */
    @Test
    void a_call_under_the_other_key_takes_a_permit_of_its_own() {
        List<UsageRecordIssued> records = stack.issue(3);
        try (GalleryStub hosts = new GalleryStub()) {
            hosts.knowsKey("the-new-key");
            hosts.answers(push -> push.signed()
                    ? GalleryStub.Reply.json(200, ModelGallery.ACCEPTED)
                    : GalleryStub.Reply.code(400, "MKT.0102"));
            UsagePushPort client = new UsagePushClient(
                    new MarketplaceHosts(hosts.address(), null, Duration.ofSeconds(5), Duration.ofSeconds(30)),
                    SellerKeys.of(GalleryStub.KEY, "the-new-key"),
                    Clock.systemUTC());
            OnePusher pusher = stack.pusher(client);

            assertThat(pusher.pushOnce()).isTrue();
            assertThat(hosts.pushes()).hasSize(1);
            pusher.pushAll();

            assertThat(hosts.pushes()).extracting(GalleryStub.Push::signed).containsExactly(false, true);
        }
        assertThat(states(records)).containsOnly(REPORTED);
        assertThat(stack.jdbc
                        .sql("select answer from pusher.attempt order by id")
                        .query(String.class)
                        .list())
                .containsExactly("key-refused", "http");
    }

    @Test
    void when_nothing_is_allowed_to_us_pushing_stops_too() {
        List<UsageRecordIssued> records = stack.issue(5);
        OnePusher pusher = stack.pusher((body, latest) -> ModelGallery.coded(401, "MKT.0150"));
        for (int i = 0; i < 20 && pusher.pusher.stop().isEmpty(); i++) {
            pusher.pushOnce();
        }
        assertThat(pusher.pusher.stop()).isPresent();
        assertThat(states(records)).containsOnly(ISSUED);
    }

    @Test
    void one_instance_of_another_seller_does_not_stop_the_others() {
        List<UsageRecordIssued> records = stack.issue(8);
        String foreign = records.get(0).record().meteringSn();
        stack.pusher((body, latest) -> new String(body, UTF_8).contains(foreign)
                        ? ModelGallery.coded(401, "MKT.0150")
                        : json(ModelGallery.ACCEPTED))
                .pushAll();
        assertThat(states(records.subList(1, 8))).containsOnly(REPORTED);
        assertThat(states(records.subList(0, 1))).containsExactly(DOUBTED);
    }

    @Test
    void a_refusal_that_depends_on_the_day_after_an_unclear_attempt_is_doubted() {
        List<UsageRecordIssued> records = stack.issue(1);
        List<HttpResult> answers =
                new ArrayList<>(List.of(new HttpResult.Silence("no answer"), ModelGallery.coded(500, "MKT.9004")));
        stack.pusher((body, latest) -> answers.remove(0)).pushAll();
        assertThat(states(records)).containsExactly(DOUBTED);
    }

    /** Whether a call that was refused as a whole had its good records kept is documented nowhere. */
    @ParameterizedTest
    @CsvSource({
        "MKT.9001, usage-record-outcome-unknown",
        "MKT.9004, usage-record-outcome-unknown",
        "MKT.0100, usage-record-refused",
        "MKT.0101, usage-record-refused"
    })
    void a_refusal_after_a_call_refused_as_a_whole_is_one_only_if_it_is_about_the_records_own_form(
            String code, String state) {
        List<UsageRecordIssued> records = stack.issue(2);
        String bad = records.get(0).record().meteringSn();
        stack.pusher((body, latest) -> new String(body, UTF_8).contains(bad)
                        ? ModelGallery.coded(500, code)
                        : json(ModelGallery.ACCEPTED))
                .pushAll();
        assertThat(states(records)).containsExactly(state, REPORTED);
    }

    @ParameterizedTest
    @CsvSource({
        "006, usage-record-outcome-unknown",
        "009, usage-record-outcome-unknown",
        "013, usage-record-outcome-unknown",
        "003, usage-record-refused"
    })
    void a_records_refusal_after_a_call_refused_as_a_whole_is_one_only_if_it_is_about_its_own_form(
            String code, String state) {
        List<UsageRecordIssued> records = stack.issue(2);
        String bad = records.get(0).record().meteringSn();
        List<HttpResult> first = new ArrayList<>(List.of(ModelGallery.coded(500, "MKT.9001")));
        stack.pusher((body, latest) -> {
                    if (!first.isEmpty()) {
                        return first.remove(0);
                    }
                    return new String(body, UTF_8).contains(bad) ? abnormal(bad, code) : json(ModelGallery.ACCEPTED);
                })
                .pushAll();
        assertThat(states(records)).containsExactly(state, REPORTED);
    }

    @Test
    void a_refusal_of_the_record_itself_after_an_unclear_attempt_is_a_refusal() {
        List<UsageRecordIssued> records = stack.issue(1);
        List<HttpResult> answers =
                new ArrayList<>(List.of(new HttpResult.Silence("no answer"), ModelGallery.coded(500, "MKT.0100")));
        stack.pusher((body, latest) -> answers.remove(0)).pushAll();
        assertThat(states(records)).containsExactly(REFUSED);
    }

    @Test
    void a_record_that_always_breaks_the_gallery_does_not_keep_the_others() {
        List<UsageRecordIssued> records = stack.issue(16);
        String poison = records.get(3).record().meteringSn();
        OnePusher pusher = stack.pusher((body, latest) -> new String(body, UTF_8).contains(poison)
                ? ModelGallery.coded(500, "MKT.0999")
                : json(ModelGallery.ACCEPTED));
        pusher.pushUntilQueued(1);
        List<UsageRecordIssued> others = new ArrayList<>(records);
        others.remove(3);
        assertThat(states(others)).containsOnly(REPORTED);
        assertThat(stack.stateOf(records.get(3))).isEqualTo(ISSUED);
    }

    /** peers.md 23: earliest deadline first; what is late already does not push aside what can still be in time. */
    @Test
    void hours_that_can_be_in_time_go_before_late_ones_and_the_earliest_deadline_first() {
        stack.businessTime.moveTo(PushRig.NINE.plus(Duration.ofHours(3)).plus(Duration.ofMinutes(5)));
        List<UsageRecordIssued> late = stack.issue(2, PushRig.NINE);
        List<UsageRecordIssued> inTime = stack.issue(2, PushRig.NINE.plus(Duration.ofHours(2)));
        OnePusher pusher =
                stack.new OnePusher(PushRig.settings("one", PushRig.LONG_LEASE, 2), gallery, CrashPoint.NONE);
        pusher.pushAll();
        assertThat(gallery.calls().get(0)).containsExactlyInAnyOrderElementsOf(sns(inTime));
        assertThat(gallery.calls().get(1)).containsExactlyInAnyOrderElementsOf(sns(late));
    }

    /** koogallery.md 1.8: an hour is collected at minute 15 of the next. */
    @ParameterizedTest
    @CsvSource({"-1, 0", "0, 1"})
    void an_hour_is_late_from_minute_15_after_its_end(int seconds, int first) {
        stack.businessTime.moveTo(PushRig.NINE.plus(Duration.ofMinutes(75)).plusSeconds(seconds));
        List<UsageRecordIssued> nineAndTen = new ArrayList<>(stack.issue(1, PushRig.NINE));
        nineAndTen.addAll(stack.issue(1, PushRig.NINE.plus(Duration.ofHours(1))));
        OnePusher pusher =
                stack.new OnePusher(PushRig.settings("one", PushRig.LONG_LEASE, 1), gallery, CrashPoint.NONE);
        pusher.pushOnce();
        assertThat(gallery.calls())
                .containsExactly(List.of(nineAndTen.get(first).record().meteringSn()));
    }

    @Test
    void of_hours_that_are_late_the_one_with_the_fewest_days_left_goes_first() {
        stack.businessTime.moveTo(PushRig.NINE.plus(Duration.ofDays(3)));
        List<UsageRecordIssued> newer = stack.issue(1, PushRig.NINE.plus(Duration.ofHours(5)));
        List<UsageRecordIssued> older = stack.issue(1, PushRig.NINE);
        OnePusher pusher =
                stack.new OnePusher(PushRig.settings("one", PushRig.LONG_LEASE, 1), gallery, CrashPoint.NONE);
        pusher.pushAll();
        assertThat(gallery.calls()).containsExactly(sns(older), sns(newer));
    }

    @Test
    void late_hours_have_a_guaranteed_share() {
        stack.businessTime.moveTo(PushRig.NINE.plus(Duration.ofHours(3)).plus(Duration.ofMinutes(5)));
        List<UsageRecordIssued> late = stack.issue(1, PushRig.NINE);
        stack.issue(20, PushRig.NINE.plus(Duration.ofHours(2)));
        OnePusher pusher =
                stack.new OnePusher(PushRig.settings("one", PushRig.LONG_LEASE, 1), gallery, CrashPoint.NONE);
        for (int i = 0; i < 5; i++) {
            pusher.pushOnce();
        }
        assertThat(gallery.calls()).contains(sns(late));
    }

    @Test
    void a_retry_after_is_obeyed() {
        stack.issue(1);
        List<HttpResult> answers =
                new ArrayList<>(List.of(new HttpResult.Answer(429, "1", new byte[0]), json(ModelGallery.ACCEPTED)));
        List<Long> at = new ArrayList<>();
        stack.pusher((body, latest) -> {
                    at.add(System.nanoTime());
                    return answers.remove(0);
                })
                .pushAll();
        assertThat(Duration.ofNanos(at.get(1) - at.get(0))).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void what_the_ledger_will_not_take_is_held_for_a_person_and_never_sent_again() {
        List<UsageRecordIssued> records = stack.issue(1);
        stack.jdbc.sql("update pusher.work set instance_id = 'nobody'").update();
        stack.pusher((body, latest) -> json(ModelGallery.ACCEPTED)).pushAll();
        assertThat(new RecordsNeedingReview(stack.jdbc).oldest(10))
                .singleElement()
                .satisfies(held -> {
                    assertThat(held.meteringSn())
                            .isEqualTo(records.get(0).record().meteringSn());
                    assertThat(held.state()).isEqualTo("contradicted");
                });
    }

    @Test
    void refused_and_unknown_records_are_listed_for_a_person() {
        Instant now = stack.businessTime.instant();
        List<UsageRecordIssued> records = stack.issue(1);
        UsageRecordIssued record = records.get(0);
        stack.read(List.of(new StoredEvent(
                5,
                new InstanceEvent.UsageRecordRefused(
                        record.instanceId(),
                        record.record(),
                        record.amount(),
                        "in-flight",
                        "MKT.9001",
                        "no such instance",
                        now))));
        assertThat(stack.queued()).isZero();
        assertThat(new RecordsNeedingReview(stack.jdbc).oldest(10))
                .singleElement()
                .satisfies(held -> {
                    assertThat(held.state()).isEqualTo("refused");
                    assertThat(held.code()).isEqualTo("MKT.9001");
                });
    }

    /** peers.md 48: an unknown outcome does not stay for ever; a person settles it. */
    @Test
    void an_unknown_record_waits_for_a_person_and_is_let_go_when_it_is_settled() {
        List<UsageRecordIssued> records = stack.issue(2);
        UsageRecordIssued billed = records.get(0);
        UsageRecordIssued notBilled = records.get(1);
        stack.pusher((body, latest) -> json("{\"error_code\":\"MKT.0000\",\"abnormal_usage_data\":["
                        + "{\"metering_sn\":\"" + billed.record().meteringSn() + "\",\"error_code\":\"008\"},"
                        + "{\"metering_sn\":\"" + notBilled.record().meteringSn() + "\",\"error_code\":\"008\"}]}"))
                .pushAll();
        stack.readAll(records);
        assertThat(new RecordsNeedingReview(stack.jdbc).oldest(10))
                .extracting(RecordsNeedingReview.RecordNeedingReview::state)
                .containsExactly("unknown", "unknown");

        stack.settle(billed, true);
        stack.settle(notBilled, false);
        stack.readAll(records);
        assertThat(new RecordsNeedingReview(stack.jdbc).oldest(10))
                .singleElement()
                .satisfies(held -> {
                    assertThat(held.meteringSn()).isEqualTo(notBilled.record().meteringSn());
                    assertThat(held.state()).isEqualTo("refused");
                    assertThat(held.detail()).contains("console");
                });
        assertThat(stack.queued()).isZero();
    }

    /** A held record that was decided is nobody's task any more. */
    @Test
    void a_held_record_leaves_the_list_when_it_is_written_off_or_reissued() {
        List<UsageRecordIssued> records = stack.issue(2);
        UsageRecordIssued lost = records.get(0);
        UsageRecordIssued again = records.get(1);
        stack.read(List.of(disputed(lost), disputed(again)));
        assertThat(new RecordsNeedingReview(stack.jdbc).oldest(10)).hasSize(2);

        stack.read(List.of(new StoredEvent(
                6,
                new InstanceEvent.UsageRecordWrittenOff(
                        lost.instanceId(),
                        lost.record(),
                        lost.amount(),
                        "disputed",
                        new DecidedBy("finance", "too little"),
                        PushRig.NINE))));
        assertThat(new RecordsNeedingReview(stack.jdbc).oldest(10))
                .extracting(RecordsNeedingReview.RecordNeedingReview::meteringSn)
                .containsExactly(again.record().meteringSn());
        stack.read(List.of(new StoredEvent(
                6,
                new InstanceEvent.UsageRecordReissued(
                        again.instanceId(),
                        again.record(),
                        again.amount(),
                        "disputed",
                        new DecidedBy("finance", "mended"),
                        PushRig.NINE))));
        assertThat(new RecordsNeedingReview(stack.jdbc).oldest(10)).isEmpty();
    }

    private static StoredEvent disputed(UsageRecordIssued record) {
        return new StoredEvent(
                5,
                new InstanceEvent.UsageRecordDisputed(
                        record.instanceId(),
                        record.record(),
                        record.amount(),
                        "reported",
                        "013",
                        new DecidedBy("finance", "frozen"),
                        PushRig.NINE));
    }

    private static List<String> sns(List<UsageRecordIssued> records) {
        return records.stream().map(record -> record.record().meteringSn()).toList();
    }

    private static HttpResult json(String body) {
        return new HttpResult.Answer(200, null, body.getBytes(UTF_8));
    }

    private static HttpResult abnormal(String sn, String code) {
        return json("{\"error_code\":\"MKT.0000\",\"abnormal_usage_data\":[{\"metering_sn\":\"" + sn
                + "\",\"error_code\":\"" + code + "\"}]}");
    }
}
