package io.hourledger.pusher.koogallery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageRecord;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.pusher.marketplace.RecordFormat;
import io.hourledger.pusher.marketplace.SentRecord;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class KooGalleryRecordFormatTest {

    private static final RecordFormat FORMAT = new KooGalleryRecordFormat();

    private static final UsageWindow WINDOW = UsageWindow.of(new UsageHour(Instant.parse("2022-08-09T08:00:00Z")));

    private static UsageRecord record(String instance, String amount, String packageInstance) {
        return new UsageRecord(
                instance,
                new MeteringSn("sn-1"),
                WINDOW,
                new BigDecimal(amount),
                Instant.parse("2022-08-09T09:10:00Z"),
                packageInstance);
    }

    private static String text(UsageRecord record) {
        return new String(FORMAT.bytes(record), UTF_8);
    }

    @Test
    void a_record_has_sorted_keys_no_white_space_and_string_values() {
        assertThat(text(record("i-1", "99", "pkg-1")))
                .isEqualTo(
                        "{\"begin_time\":\"20220809T080000Z\",\"end_time\":\"20220809T090000Z\",\"instance_id\":\"i-1\","
                                + "\"metering_sn\":\"sn-1\",\"record_time\":\"20220809T091000Z\","
                                + "\"relate_pkg_instance\":\"pkg-1\",\"usage_value\":\"99\"}");
    }

    @Test
    void without_a_package_the_record_does_not_name_one() {
        assertThat(text(record("i-1", "99", null))).doesNotContain("relate_pkg_instance");
    }

    @Test
    void amounts_are_plain_decimals_without_exponent() {
        assertThat(text(record("i-1", "0.0001", null))).contains("\"usage_value\":\"0.0001\"");
        assertThat(text(record("i-1", "1E+7", null))).contains("\"usage_value\":\"10000000\"");
        assertThat(text(record("i-1", "99999999.9999", null))).contains("\"usage_value\":\"99999999.9999\"");
        assertThat(text(record("i-1", "12.5000", null))).contains("\"usage_value\":\"12.5\"");
    }

    @Test
    void characters_that_mean_something_in_json_are_escaped() {
        assertThat(text(record("i\"\\ü", "1", null))).contains("\"instance_id\":\"i\\\"\\\\ü\"");
    }

    @Test
    void a_call_is_put_together_from_the_records_bytes_in_their_order() {
        assertThat(new String(FORMAT.body(List.of("{1}".getBytes(UTF_8), "{2}".getBytes(UTF_8))), UTF_8))
                .isEqualTo("{\"usage_records\":[{1},{2}]}");
    }

    @Test
    void records_are_read_back_with_the_bytes_they_stood_in_the_call_with() {
        byte[] spelledOtherwise =
                "{\"metering_sn\":\"ab12\", \"instance_id\":\"i-1\",\"begin_time\":\"20261124T090000Z\",\"end_time\":\"20261124T100000Z\",\"record_time\":\"20261124T100200Z\",\"usage_value\":\"7.50\"}"
                        .getBytes(UTF_8);

        List<SentRecord> read = FORMAT.read(FORMAT.body(List.of(spelledOtherwise, spelledOtherwise)));

        assertThat(read).hasSize(2).allSatisfy(record -> {
            assertThat(record.bytes()).isEqualTo(spelledOtherwise);
            assertThat(record.amount()).isEqualByComparingTo("7.5");
        });
    }
}
