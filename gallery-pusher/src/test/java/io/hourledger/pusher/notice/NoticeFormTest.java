package io.hourledger.pusher.notice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.InstanceExpired;
import io.hourledger.contracts.instance.InstanceEvent.InstanceFrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceOpened;
import io.hourledger.contracts.instance.InstanceEvent.InstanceReleased;
import io.hourledger.contracts.instance.InstanceEvent.InstanceRenewed;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUpgraded;
import io.hourledger.contracts.instance.InstanceEvent.PackageUseUpNoticed;
import io.hourledger.contracts.instance.InstanceEvent.PackageUsedUp;
import io.hourledger.contracts.instance.InstanceEvent.ThresholdReached;
import io.hourledger.contracts.instance.OrderLine;
import io.hourledger.contracts.instance.ProductTerms;
import io.hourledger.contracts.instance.ThresholdRef;
import io.hourledger.ledger.api.StoredEvent;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The form of every notice is approved as a file that the docs show; apps rely on it. */
@Tag("fast")
class NoticeFormTest {

    private static final Path APPROVED = Path.of("../docs/notices");
    private static final Path RECEIVED = Path.of("target/received-notices");
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final NoticeJson FORM = new NoticeJson(UUID.fromString("7d9a1a52-9a3e-4b1f-8f60-0d3c7f3f2a10"));
    private static final Instant TIME = Instant.parse("2026-11-24T09:30:00Z");

    /** One event for each type of notice, in the order of the types. */
    private static List<InstanceEvent> examples() {
        return List.of(
                new InstanceOpened(
                        "i-7f3a",
                        new OrderLine("CS2211", "CS2211-000001", "default"),
                        new ProductTerms("web-requests", "requests", "ON_DEMAND", "FIXED", "HOURLY"),
                        "buyer-1",
                        false,
                        TIME),
                new InstanceRenewed("i-7f3a", "CS2212", Instant.parse("2027-11-24T09:30:00Z"), TIME),
                new InstanceFrozen("i-7f3a", TIME),
                new InstanceUnfrozen("i-7f3a", TIME),
                new InstanceUpgraded("i-7f3a", "CS2213", "web-requests-pro", "ON_DEMAND", "FIXED", "HOURLY", TIME),
                new InstanceExpired("i-7f3a", TIME),
                new InstanceReleased("i-7f3a", "CS2214", TIME),
                new PackageUseUpNoticed("i-7f3a", "p-10", TIME),
                new ThresholdReached(
                        "i-7f3a",
                        new ThresholdRef(
                                "month-cap",
                                "month",
                                Instant.parse("2026-10-31T16:00:00Z"),
                                Instant.parse("2026-11-30T16:00:00Z")),
                        100,
                        new BigDecimal("10000"),
                        new BigDecimal("10004.25"),
                        true,
                        TIME));
    }

    private static Notice notice(long sequence, InstanceEvent event) {
        return Notice.of(new StoredEvent(sequence, event)).orElseThrow();
    }

    @Test
    void every_notice_has_its_approved_form() throws IOException {
        Files.createDirectories(RECEIVED);
        List<String> unapproved = new ArrayList<>();
        for (int i = 0; i < examples().size(); i++) {
            Notice notice = notice(i, examples().get(i));
            String file = notice.type().text().replace("io.hourledger.", "") + ".json";
            String text =
                    JSON.writerWithDefaultPrettyPrinter().writeValueAsString(JSON.readTree(FORM.text(notice))) + "\n";
            Files.writeString(RECEIVED.resolve(file), text);
            if (!Files.exists(APPROVED.resolve(file))
                    || !Files.readString(APPROVED.resolve(file)).equals(text)) {
                unapproved.add(file);
            }
        }
        assertThat(unapproved)
                .as("forms that differ from docs/notices; what was received lies in " + RECEIVED)
                .isEmpty();
    }

    @Test
    void every_type_has_an_example_that_fits_the_schema() throws IOException {
        Schema schema;
        try (InputStream file = NoticeFormTest.class.getResourceAsStream("/schemas/notice.schema.json")) {
            schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(new String(Objects.requireNonNull(file).readAllBytes(), UTF_8));
        }
        List<NoticeType> types = new ArrayList<>();
        for (InstanceEvent event : examples()) {
            Notice notice = notice(3, event);
            types.add(notice.type());
            JsonNode json = JSON.readTree(FORM.text(notice));
            assertThat(schema.validate(json)).as(notice.type().text()).isEmpty();
        }
        assertThat(types).containsExactly(NoticeType.values());
        JsonNode broken =
                JSON.readTree(FORM.text(notice(0, examples().getFirst())).replace("buyerId", "buyer"));
        assertThat(schema.validate(broken)).isNotEmpty();
    }

    @Test
    void what_may_be_left_out_is_left_out() {
        assertThat(FORM.text(notice(4, new InstanceReleased("i-7f3a", null, TIME))))
                .doesNotContain("orderId", "null");
    }

    @Test
    void the_id_follows_from_all_that_the_notice_says() {
        Notice first = notice(7, new InstanceFrozen("i-7f3a", TIME));

        assertThat(notice(7, new InstanceFrozen("i-7f3a", TIME)).id()).isEqualTo(first.id());
        assertThat(notice(8, new InstanceFrozen("i-7f3a", TIME)).id()).isNotEqualTo(first.id());
        assertThat(notice(7, new InstanceFrozen("i-7f3b", TIME)).id()).isNotEqualTo(first.id());
    }

    /** After a restore another event can stand at a place that was told before. */
    @Test
    void another_event_at_the_same_place_has_another_id() {
        Notice first = notice(7, new InstanceReleased("i-7f3a", "CS2214", TIME));

        assertThat(notice(7, new InstanceExpired("i-7f3a", TIME)).id()).isNotEqualTo(first.id());
        assertThat(notice(7, new InstanceReleased("i-7f3a", "CS2214", TIME.plusMillis(1)))
                        .id())
                .isNotEqualTo(first.id());
        assertThat(notice(7, new InstanceReleased("i-7f3a", "CS2215", TIME)).id())
                .isNotEqualTo(first.id());
        assertThat(notice(7, new InstanceReleased("i-7f3a", null, TIME)).id()).isNotEqualTo(first.id());
    }

    @Test
    void a_package_that_was_noticed_and_is_drawn_later_says_something_else_and_is_told_once() {
        Notice noticed = notice(5, new PackageUseUpNoticed("i-7f3a", "p-10", TIME));
        Notice drawn = notice(9, new PackageUsedUp("i-7f3a", "p-10", TIME.plusSeconds(9)));

        assertThat(drawn.id()).isNotEqualTo(noticed.id());
        assertThat(drawn.toldOnce()).isNotNull().isEqualTo(noticed.toldOnce());
        assertThat(notice(9, new PackageUsedUp("i-7f3a", "p-11", TIME)).toldOnce())
                .isNotEqualTo(noticed.toldOnce());
    }
}
