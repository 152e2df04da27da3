package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.pusher.push.CrashPoint.Step;
import io.hourledger.pusher.push.ModelGallery.Mood;
import io.hourledger.pusher.push.PushRig.OnePusher;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever the gallery answers, in whatever order, and wherever the process is killed: nothing is lost, doubled or called what it is not. */
@Tag("servers")
class AnyAnswersTest {

    private static PushRig stack;

    @BeforeContainer
    static void open() {
        stack = new PushRig();
    }

    @AfterContainer
    static void close() {
        stack.close();
    }

    record Story(
            int records,
            List<Mood> moods,
            List<Integer> bad,
            boolean tellsAbnormal,
            boolean refusesWholeCalls,
            boolean keepsGoodOnes,
            List<Step> kills) {}

    /** Leaves a pusher behind at some step. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    @Property(tries = 60)
    void no_record_is_lost_doubled_or_called_what_it_is_not(@ForAll("stories") Story story) {
        stack.clear();
        ModelGallery gallery = new ModelGallery();
        List<UsageRecordIssued> records = stack.issue(story.records());
        gallery.moods(story.moods());
        gallery.tellsAbnormalRecords(story.tellsAbnormal());
        gallery.refusesWholeCalls(story.refusesWholeCalls(), story.keepsGoodOnes());
        Set<String> bad = new HashSet<>();
        story.bad().stream().filter(i -> i < records.size()).forEach(i -> {
            gallery.callsBad(records.get(i).record().meteringSn());
            bad.add(records.get(i).record().meteringSn());
        });

        InMemorySentCallJournal journal = new InMemorySentCallJournal();
        for (Step step : story.kills()) {
            OnePusher killed = journaling(gallery, journal, reached -> {
                if (reached == step) {
                    throw new Killed();
                }
            });
            try {
                killed.pushOnce();
            } catch (Killed meant) {
                assertThat(gallery.sentTwoWays()).isZero();
            }
        }
        journaling(gallery, journal, CrashPoint.NONE).pushAll();

        Map<String, String> billed = new HashMap<>(gallery.billed());
        for (UsageRecordIssued record : records) {
            String state = stack.stateOf(record);
            boolean taken = billed.containsKey(record.record().meteringSn());
            if (bad.contains(record.record().meteringSn())) {
                assertThat(taken).isFalse();
                if (story.tellsAbnormal() || story.refusesWholeCalls()) {
                    assertThat(state).isIn("usage-record-refused", "usage-record-outcome-unknown");
                }
            } else {
                assertThat(taken).as("billed").isTrue();
                assertThat(state).isEqualTo("usage-record-reported");
                assertThat(billed.get(record.record().meteringSn()))
                        .isEqualTo(record.amount().stripTrailingZeros().toPlainString());
            }
            assertThat(stack.events(record, "usage-record-reported")).isLessThanOrEqualTo(1);
        }
        assertThat(gallery.sentTwoWays()).isZero();
        assertThat(stack.queued()).isZero();
    }

    private OnePusher journaling(ModelGallery gallery, InMemorySentCallJournal journal, CrashPoint faults) {
        return stack
        .new OnePusher(PushRig.settings("one", PushRig.LONG_LEASE, 1000), gallery, faults, stack.ledger, journal);
    }

    @Provide
    Arbitrary<Story> stories() {
        return Combinators.combine(
                        Arbitraries.integers().between(1, 12),
                        Arbitraries.of(Mood.values()).list().ofMaxSize(6),
                        Arbitraries.integers().between(0, 11).list().ofMaxSize(3),
                        Arbitraries.of(true, false),
                        Arbitraries.of(true, false),
                        Arbitraries.of(true, false),
                        Arbitraries.of(Step.values()).list().ofMaxSize(3))
                .as(Story::new);
    }
}
