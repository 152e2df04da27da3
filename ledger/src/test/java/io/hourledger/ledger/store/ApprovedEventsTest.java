package io.hourledger.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.InstanceOpened;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDisputed;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The form of every event is approved as a file, named after its stable name and revision. A form that changes gets a new revision, a new
 * file and a lift from the old one; the old file stays, for it stands in databases.
 */
@Tag("fast")
class ApprovedEventsTest {

    private static final Path APPROVED = Path.of("src/test/resources/approved-events");
    private static final Path RECEIVED = Path.of("target/received-events");

    private final EventJson json = new EventJson();

    @Test
    void every_event_is_written_in_its_approved_form() throws IOException {
        Files.createDirectories(RECEIVED);
        List<String> unapproved = new ArrayList<>();
        for (InstanceEvent event : EventExamples.all()) {
            EventJson.Written written = json.write(event);
            String file = written.type() + "-" + written.revision() + ".json";
            Files.writeString(RECEIVED.resolve(file), written.payload() + "\n");
            Path approved = APPROVED.resolve(file);
            if (!Files.exists(approved) || !Files.readString(approved).equals(written.payload() + "\n")) {
                unapproved.add(file);
            }
        }
        assertThat(unapproved)
                .as("forms that differ from their approved file; what was received lies in " + RECEIVED)
                .isEmpty();
    }

    @Test
    void every_kind_of_event_has_an_example() {
        assertThat(EventExamples.all().stream().<Object>map(Object::getClass))
                .containsExactlyInAnyOrder((Object[]) InstanceEvent.class.getPermittedSubclasses());
    }

    @Test
    void every_form_an_event_ever_had_can_be_read() throws IOException {
        int read = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(APPROVED)) {
            for (Path file : files) {
                String name = file.getFileName().toString().replace(".json", "");
                int dash = name.lastIndexOf('-');
                InstanceEvent event = json.read(
                        "i-1",
                        name.substring(0, dash),
                        Integer.parseInt(name.substring(dash + 1)),
                        Files.readString(file));
                assertThat(EventExamples.all().stream().map(ApprovedEventsTest::asInRevisionOne))
                        .as(name)
                        .contains(asInRevisionOne(event));
                read++;
            }
        }
        assertThat(read).isGreaterThanOrEqualTo(EventExamples.all().size());
    }

    @Test
    void who_opened_an_instance_without_a_marketplace_stands_in_its_event() {
        InstanceOpened opened = (InstanceOpened) EventExamples.all().getFirst();
        InstanceOpened unsold = new InstanceOpened(
                opened.instanceId(),
                opened.order(),
                opened.product(),
                opened.buyerId(),
                opened.test(),
                opened.openedAt(),
                "anna",
                "a trial");

        EventJson.Written written = json.write(unsold);

        assertThat(written.payload()).contains("\"openedBy\":\"anna\",\"openedWhy\":\"a trial\"");
        assertThat(json.read(opened.instanceId(), written.type(), written.revision(), written.payload()))
                .isEqualTo(unsold);
    }

    /** What an event said in its first form; what a later form added is left out. */
    private static InstanceEvent asInRevisionOne(InstanceEvent event) {
        return event instanceof UsageRecordDisputed disputed
                ? new UsageRecordDisputed(
                        disputed.instanceId(),
                        disputed.record(),
                        disputed.amount(),
                        disputed.from(),
                        disputed.code(),
                        new DecidedBy("not recorded", disputed.by().why()),
                        disputed.disputedAt())
                : event;
    }

    @Test
    void a_dispute_of_before_it_had_to_be_signed_says_that_nobody_was_recorded() throws IOException {
        InstanceEvent event = json.read(
                "i-1", "usage-record-disputed", 1, Files.readString(APPROVED.resolve("usage-record-disputed-1.json")));
        assertThat(event).isInstanceOfSatisfying(UsageRecordDisputed.class, disputed -> {
            assertThat(disputed.by().who()).isEqualTo("not recorded");
            assertThat(disputed.by().why()).isEqualTo("resource state abnormal");
        });
    }

    @Test
    void an_old_form_is_lifted_step_by_step() {
        EventJson lifting = new EventJson(List.of(
                new EventUpcaster("remainder-written-off", -1, List.of(new EventUpcaster.Rename("sum", "amount"))),
                new EventUpcaster("remainder-written-off", 0, List.of(new EventUpcaster.Add("why", "released")))));
        InstanceEvent event = lifting.read(
                "i-1", "remainder-written-off", -1, "{\"sum\":\"0.00007\",\"writtenOffAt\":\"2026-02-01T00:00:00Z\"}");
        assertThat(event).isInstanceOfSatisfying(InstanceEvent.RemainderWrittenOff.class, remainder -> {
            assertThat(remainder.amount()).isEqualByComparingTo("0.00007");
            assertThat(remainder.why()).isEqualTo("released");
        });
    }
}
