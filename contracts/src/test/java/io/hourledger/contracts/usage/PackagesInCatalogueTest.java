package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hourledger.contracts.usage.PackageTerms.OrderSays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a catalogue says of packages, and what it must say. */
@Tag("fast")
class PackagesInCatalogueTest {

    private static final String PAY_PER_USE =
            """
            {"productId": "P", "meter": "egress", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED", "billingCycle": "HOURLY"}""";

    private static Catalogue catalogue(String... products) {
        return CatalogueFile.read(
                """
                {"version": 1,
                 "meters": [{"name": "egress", "eventType": "web.egress", "aggregation": "SUM", "valueField": "bytes",
                             "unit": "MB", "unitFactor": "0.000001"}],
                 "products": [%s]}"""
                        .formatted(String.join(",", products))
                        .getBytes(UTF_8));
    }

    private static String sold(String chargingMode, String more) {
        return PAY_PER_USE
                .replace("\"P\"", "\"X\"")
                .replace("ON_DEMAND", chargingMode)
                .replace("}", more + "}");
    }

    @Test
    void a_package_says_what_it_contains_or_leaves_it_to_the_order() {
        PackageTerms sized =
                terms(", \"package\": {\"stopWhenUsedUp\": true, \"for\": [\"P\"], \"amount\": \"10000.50\"}");
        assertThat(sized.amount()).isEqualByComparingTo("10000.5");
        assertThat(terms(", \"package\": {\"stopWhenUsedUp\": true, \"for\": [\"P\"]}")
                        .amount())
                .isNull();
        assertThat(sized.servedProducts()).containsExactly("P");
        assertThat(sized.orderSays()).isEqualTo(OrderSays.AMOUNT);
    }

    private static PackageTerms terms(String more) {
        return catalogue(PAY_PER_USE, sold("ON_DEMAND_PKG", more))
                .product("X")
                .orElseThrow()
                .packageTerms();
    }

    @Test
    void what_is_written_is_read_again() {
        Catalogue catalogue = catalogue(
                PAY_PER_USE,
                sold(
                        "ON_DEMAND_PKG",
                        ", \"package\": {\"stopWhenUsedUp\": true, \"for\": [\"P\"], \"amount\": \"5\", \"orderSays\": \"COUNT\"}"));

        assertThat(CatalogueFile.read(CatalogueFile.write(catalogue)).products())
                .containsExactlyElementsOf(catalogue.products());
    }

    @Test
    void a_package_that_cannot_be_served_is_refused_with_a_sentence() {
        refused("Only packages that stop when they are used up can be served", PAY_PER_USE, sold("ON_DEMAND_PKG", ""));
        refused(
                "Only packages that stop when they are used up can be served",
                PAY_PER_USE,
                sold("ON_DEMAND_PKG", ", \"package\": {\"stopWhenUsedUp\": false}"));
        refused(
                "no product of that id is sold as ON_DEMAND and has its meter egress",
                sold("ON_DEMAND_PKG", ", \"package\": {\"stopWhenUsedUp\": true, \"for\": [\"P\"]}"));
        refused(
                "does not say what it is for",
                PAY_PER_USE,
                sold("ON_DEMAND_PKG", ", \"package\": {\"stopWhenUsedUp\": true}"));
        refused(
                "is for product Y, and no product of that id",
                PAY_PER_USE,
                sold("ON_DEMAND_PKG", ", \"package\": {\"stopWhenUsedUp\": true, \"for\": [\"P\", \"Y\"]}"));
        refused(
                "needs the \"amount\" that one contains",
                PAY_PER_USE,
                sold(
                        "ON_DEMAND_PKG",
                        ", \"package\": {\"stopWhenUsedUp\": true, \"for\": [\"P\"], \"orderSays\": \"COUNT\"}"));
        refused(
                "only one sold as ON_DEMAND_PKG has a \"package\"",
                PAY_PER_USE,
                sold("PERIOD", ", \"package\": {\"stopWhenUsedUp\": true, \"for\": [\"P\"]}"));
    }

    @Test
    void a_size_that_no_record_could_take_off_is_refused() {
        for (String amount : new String[] {"0", "-1", "0.00001"}) {
            refused(
                    "a package contains an amount above zero with at most 4 decimals",
                    PAY_PER_USE,
                    sold(
                            "ON_DEMAND_PKG",
                            ", \"package\": {\"stopWhenUsedUp\": true, \"for\": [\"P\"], \"amount\": \"" + amount
                                    + "\"}"));
        }
    }

    private static void refused(String because, String... products) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> catalogue(products))
                .withMessageContaining(because);
    }
}
