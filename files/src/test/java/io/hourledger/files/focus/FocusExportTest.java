package io.hourledger.files.focus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.files.export.GivenRecords;
import io.hourledger.files.export.GivenRecords.Upgrade;
import io.hourledger.files.table.FileForm;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The rules of the FOCUS specification that a usage row of ours can break, each by its column. Source: the FOCUS_Spec repository,
 * specification/columns, where each column has a page, and the specification's change log for what came and went.
 */
@Tag("servers")
class FocusExportTest {

    private static final YearMonth JANUARY = YearMonth.of(2026, 1);
    private static final FocusNames NAMES =
            new FocusNames("seller-1", "Example Apps", "Web Gateway", Map.of("egress", "MB"));
    private static final String PRICES =
            """
            {"currency": "CNY", "products": [
              {"productId": "web-egress", "unitPrice": "0.8"},
              {"productId": "web-tiered", "mode": "TIERED", "tiers": [{"upTo": "3", "unitPrice": "0.3"}, {"unitPrice": "0.2"}]}]}
            """;

    private final GivenRecords given = new GivenRecords();

    @BeforeEach
    void two_buyers() {
        given.instance("i-1", "b-1");
        given.instance("i-2", "b-2");
        given.records("i-1", 3, "1.2500", "0.00001", "reported");
        given.records("i-2", 2, "2.0000", "0", "in-flight");
    }

    private JsonNode file(FocusVersion version, @Nullable String prices) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new FocusExport(
                        given.jdbc,
                        given.transactions,
                        version,
                        NAMES,
                        prices == null ? null : PriceList.read(prices.getBytes(UTF_8)))
                .write(JANUARY, null, head -> FileForm.JSON.begin(head, out), rows -> {});
        return new JsonMapper().readTree(out.toByteArray());
    }

    private static Stream<JsonNode> rows(JsonNode file) {
        List<JsonNode> rows = new ArrayList<>();
        file.get("records").forEach(rows::add);
        return rows.stream();
    }

    private static List<String> texts(JsonNode file, String column) {
        return rows(file).map(row -> row.path(column).asString("")).toList();
    }

    /** Every FOCUS dataset has these, whatever its version. */
    @ParameterizedTest
    @EnumSource
    void mandatory_columns_are_present(FocusVersion version) {
        assertThat(file(version, PRICES).get("records").get(0).propertyNames())
                .contains(
                        "BilledCost",
                        "BillingAccountId",
                        "BillingAccountName",
                        "BillingCurrency",
                        "BillingPeriodEnd",
                        "BillingPeriodStart",
                        "ChargeCategory",
                        "ChargeClass",
                        "ChargeDescription",
                        "ChargePeriodEnd",
                        "ChargePeriodStart",
                        "ContractedCost",
                        "EffectiveCost",
                        "InvoiceIssuerName",
                        "ListCost",
                        "PricingQuantity",
                        "PricingUnit",
                        "ServiceCategory",
                        "ServiceName");
    }

    /** Changes of 1.3 and 1.4: service and host provider came, provider and publisher went. */
    @Test
    void providers_are_named_as_the_version_wants() {
        Set<String> two =
                Set.copyOf(file(FocusVersion.V1_2, PRICES).get("records").get(0).propertyNames());
        Set<String> three =
                Set.copyOf(file(FocusVersion.V1_3, PRICES).get("records").get(0).propertyNames());
        Set<String> four =
                Set.copyOf(file(FocusVersion.V1_4, PRICES).get("records").get(0).propertyNames());
        assertThat(two).contains("ProviderName", "PublisherName").doesNotContain("ServiceProviderName");
        assertThat(three).contains("ProviderName", "PublisherName", "ServiceProviderName", "HostProviderName");
        assertThat(four)
                .contains("ServiceProviderName", "HostProviderName")
                .doesNotContain("ProviderName", "PublisherName");
    }

    /** Custom columns begin with x_, and all others are in Pascal case. */
    @ParameterizedTest
    @EnumSource
    void names_are_in_pascal_case_or_marked_as_our_own(FocusVersion version) {
        assertThat(file(version, PRICES).get("records").get(0).propertyNames())
                .allMatch(name -> name.matches("(x_)?([A-Z][a-z]+)+"));
    }

    /** BilledCost, EffectiveCost, ListCost, ContractedCost: never null; BillingCurrency: an ISO 4217 code. */
    @Test
    void with_a_price_list_no_cost_is_null() {
        JsonNode file = file(FocusVersion.V1_4, PRICES);
        for (String column : List.of("BilledCost", "EffectiveCost")) {
            assertThat(texts(file, column)).containsExactly("1", "1", "1", "0", "0");
        }
        for (String column : List.of("ListCost", "ContractedCost")) {
            assertThat(texts(file, column)).containsExactly("1", "1", "1", "1.6", "1.6");
        }
        assertThat(texts(file, "BillingCurrency")).containsOnly("CNY");
        assertThat(texts(file, "PricingCategory")).containsOnly("Standard");
        assertThat(texts(file, "ListUnitPrice")).containsOnly("0.8");
    }

    /** Without a price list the file does not pretend to be a cost dataset. */
    @Test
    void without_a_price_list_the_file_says_usage_without_cost() {
        JsonNode file = file(FocusVersion.V1_4, null);
        assertThat(file.get("title").asString()).isEqualTo("Usage without cost");
        assertThat(file.get("notes").get("cost").asString()).isEqualTo("usage without cost");
        assertThat(rows(file)).allMatch(row -> row.get("BilledCost").isNull());
        assertThat(texts(file, "ConsumedQuantity")).containsExactly("1.25", "1.25", "1.25", "2", "2");
    }

    /** ChargePeriodEnd is exclusive and after its start; the billing period is the month in UTC and holds it. */
    @Test
    void periods_are_utc_and_lie_in_their_billing_period() {
        JsonNode file = file(FocusVersion.V1_4, null);
        assertThat(texts(file, "BillingPeriodStart")).containsOnly("2026-01-01T00:00:00Z");
        assertThat(texts(file, "BillingPeriodEnd")).containsOnly("2026-02-01T00:00:00Z");
        rows(file).forEach(row -> assertThat(row.get("ChargePeriodStart").asString())
                .isLessThan(row.get("ChargePeriodEnd").asString())
                .isGreaterThanOrEqualTo(row.get("BillingPeriodStart").asString()));
    }

    /** ConsumedUnit and PricingUnit: not null where their quantity is not; SkuMeter: not null where SkuId is not. */
    @Test
    void quantities_have_units_and_skus_have_meters() {
        JsonNode file = file(FocusVersion.V1_4, null);
        assertThat(texts(file, "ConsumedUnit")).containsOnly("MB");
        assertThat(texts(file, "PricingUnit")).containsOnly("MB");
        assertThat(texts(file, "SkuId")).containsOnly("web-egress");
        assertThat(texts(file, "SkuMeter")).containsOnly("egress");
        assertThat(texts(file, "ChargeCategory")).containsOnly("Usage");
        assertThat(texts(file, "ChargeFrequency")).containsOnly("Usage-Based");
    }

    /** ChargeClass: null within the current billing period, Correction of a previous one. */
    @Test
    void only_what_came_after_the_month_is_a_correction() {
        given.jdbc.update("update ledger.usage_record set revision = 1 where instance_id = 'i-1'");
        assertThat(texts(file(FocusVersion.V1_4, null), "ChargeClass")).containsOnly("");
        given.jdbc.update(
                "update ledger.usage_record set issued_at = '2026-02-01T00:00:00Z' where instance_id = 'i-1'");
        assertThat(texts(file(FocusVersion.V1_4, null), "ChargeClass"))
                .containsExactly("Correction", "Correction", "Correction", "", "");
    }

    /** What a reissued record was is in the record that followed it. */
    @Test
    void what_is_not_billed_is_no_charge() {
        given.jdbc.update("update ledger.usage_record set state = 'reissued' where instance_id = 'i-1'");
        assertThat(texts(file(FocusVersion.V1_4, null), "ResourceId")).containsOnly("i-2");
    }

    @Test
    void usage_that_a_package_paid_is_billed_at_nothing_and_its_effective_cost_is_not_guessed() {
        given.jdbc.update("update ledger.usage_record set package_instance_id = 'pkg' where instance_id = 'i-1'");
        JsonNode first = file(FocusVersion.V1_4, PRICES).get("records").get(0);
        assertThat(first.get("BilledCost").asString()).isEqualTo("0");
        assertThat(first.get("ListCost").asString()).isEqualTo("1");
        assertThat(first.get("EffectiveCost").isNull()).isTrue();
        assertThat(first.get("x_PackageInstanceId").asString()).isEqualTo("pkg");
    }

    @Test
    void an_hour_costs_what_the_product_of_that_hour_cost() {
        given.jdbc.update("update ledger.instance set product_id = 'web-tiered' where instance_id = 'i-2'");
        given.products("i-2", "web-egress", new Upgrade("web-tiered", "2026-01-01T01:00:00Z"));
        reported("i-2");
        JsonNode file = file(FocusVersion.V1_4, PRICES);
        assertThat(texts(file, "SkuId").subList(3, 5)).containsExactly("web-egress", "web-tiered");
        assertThat(texts(file, "BilledCost").subList(3, 5)).containsExactly("1.6", "0.6");
    }

    /** As the ledger decides it: what comes out of order counts from the latest change on. */
    @Test
    void an_upgrade_out_of_order_counts_as_the_ledger_counts_it() {
        given.products(
                "i-1",
                "web-egress",
                new Upgrade("web-tiered", "2026-01-01T02:00:00Z"),
                new Upgrade("web-large", "2026-01-01T01:00:00Z"));
        assertThat(texts(file(FocusVersion.V1_4, null), "SkuId").subList(0, 3))
                .containsExactly("web-egress", "web-egress", "web-large");
    }

    @Test
    void only_what_was_reported_costs_and_fills_tiers() {
        given.jdbc.update("update ledger.instance set product_id = 'web-tiered'");
        given.jdbc.update("update ledger.usage_record set state = 'disputed'"
                + " where instance_id = 'i-1' and hour = '2026-01-01T00:00:00Z'");
        JsonNode file = file(FocusVersion.V1_4, PRICES);
        assertThat(texts(file, "BilledCost")).containsExactly("0", "0.375", "0.375", "0", "0");
        assertThat(texts(file, "EffectiveCost")).containsExactly("0", "0.375", "0.375", "0", "0");
        assertThat(file.get("notes").path("billed_cost").asString()).contains("reported");
    }

    @Test
    void tiers_go_on_when_an_instance_comes_back_to_a_product() {
        given.instance("i-3", "b-3");
        given.records("i-3", 3, "3.0000", "0", "reported");
        given.products(
                "i-3",
                "web-tiered",
                new Upgrade("web-egress", "2026-01-01T01:00:00Z"),
                new Upgrade("web-tiered", "2026-01-01T02:00:00Z"));
        assertThat(texts(file(FocusVersion.V1_4, PRICES), "BilledCost").subList(5, 8))
                .containsExactly("0.9", "2.4", "0.6");
    }

    /** The FOCUS requirements for CSV: the first line names the columns, and each other line is a charge. */
    @Test
    void as_csv_it_has_the_columns_of_focus_and_a_line_for_each_charge() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new FocusExport(
                        given.jdbc,
                        given.transactions,
                        FocusVersion.V1_4,
                        NAMES,
                        PriceList.read(PRICES.getBytes(UTF_8)))
                .write(JANUARY, null, head -> FileForm.CSV.begin(head, out), rows -> {});
        List<String> lines = out.toString(UTF_8).lines().toList();
        assertThat(lines).hasSize(1 + 5);
        assertThat(lines.getFirst().split(",")).allMatch(name -> name.matches("(x_)?([A-Z][a-z]+)+"));
    }

    private void reported(String instance) {
        given.jdbc.update(
                "update ledger.usage_record set state = 'reported', state_since = hour where instance_id = ?",
                instance);
    }

    @Test
    void tiers_add_up_over_the_month_of_an_instance() {
        given.jdbc.update("update ledger.instance set product_id = 'web-tiered'");
        reported("i-2");
        List<BigDecimal> costs = texts(file(FocusVersion.V1_4, PRICES), "BilledCost").stream()
                .map(BigDecimal::new)
                .toList();
        assertThat(costs)
                .usingElementComparator(BigDecimal::compareTo)
                .isEqualTo(Arrays.asList(
                        new BigDecimal("0.375"),
                        new BigDecimal("0.375"),
                        new BigDecimal("0.3"),
                        new BigDecimal("0.6"),
                        new BigDecimal("0.5")));
    }

    @Test
    void a_product_without_a_price_stops_the_file() {
        given.jdbc.update("update ledger.instance set product_id = 'new' where instance_id = 'i-2'");
        assertThatThrownBy(() -> file(FocusVersion.V1_4, PRICES)).hasMessageContaining("no price of product new");
    }
}
