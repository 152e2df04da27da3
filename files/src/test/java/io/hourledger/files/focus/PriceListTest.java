package io.hourledger.files.focus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.files.focus.PriceList.ProductPrice;
import java.math.BigDecimal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class PriceListTest {

    private static final String TIERS =
            "\"tiers\": [{\"upTo\": \"3\", \"unitPrice\": \"0.3\"}, {\"unitPrice\": \"0.2\"}]";

    private static ProductPrice price(String members) {
        return read("{\"productId\": \"p\", " + members + "}").of("p");
    }

    private static PriceList read(String product) {
        return PriceList.read(("{\"currency\": \"CNY\", \"products\": [" + product + "]}").getBytes(UTF_8));
    }

    private static BigDecimal number(String text) {
        return new BigDecimal(text);
    }

    /** The marketplace's own example: up to 3 minutes at 0.3 and above at 0.2, 8 minutes cost 1.90 tiered and 1.60 by volume. */
    @Test
    void eight_minutes_cost_what_the_marketplace_says() {
        assertThat(price("\"mode\": \"TIERED\", " + TIERS).of(number("8"), BigDecimal.ZERO))
                .isEqualByComparingTo("1.90");
        assertThat(price("\"mode\": \"VOLUME\", " + TIERS).of(number("8"), BigDecimal.ZERO))
                .isEqualByComparingTo("1.60");
    }

    @Test
    void tiers_add_up_however_usage_is_cut_into_records() {
        ProductPrice price = price("\"mode\": \"TIERED\", " + TIERS);
        BigDecimal sum = price.of(number("2.5"), number("0"))
                .add(price.of(number("1.5"), number("2.5")))
                .add(price.of(number("4"), number("4")));
        assertThat(sum).isEqualByComparingTo("1.90");
        assertThat(price.unitPrice(number("1.5"), number("2.5"))).isNull();
        assertThat(price.unitPrice(number("4"), number("4"))).isEqualTo("0.2");
    }

    @Test
    void a_fixed_price_is_amount_times_price_exactly() {
        assertThat(price("\"unitPrice\": \"0.000000123\"").of(number("1.2345"), number("9")))
                .isEqualTo("0.0000001518435");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"unitPrice\": 0.3",
                "\"mode\": \"TIERED\", \"tiers\": [{\"upTo\": \"3\", \"unitPrice\": \"0.3\"}]",
                "\"mode\": \"TIERED\", \"tiers\": [{\"unitPrice\": \"0.3\"}, {\"unitPrice\": \"0.2\"}]",
                "\"mode\": \"VOLUME\", \"tiers\": [{\"upTo\": \"3\", \"unitPrice\": \"1\"}, {\"upTo\": \"2\", \"unitPrice\": \"1\"}, {\"unitPrice\": \"1\"}]",
                "\"mode\": \"FIXED\", \"tiers\": [{\"upTo\": \"3\", \"unitPrice\": \"0.3\"}, {\"unitPrice\": \"0.2\"}]",
                "\"mode\": \"STEP\", \"unitPrice\": \"1\"",
                "\"mode\": \"FIXED\""
            })
    void prices_that_are_not_whole_are_refused(String members) {
        assertThatThrownBy(() -> price(members))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("p");
    }

    @Test
    void a_product_without_a_price_or_with_two_is_named() {
        assertThatThrownBy(() ->
                        read("{\"productId\": \"p\", \"unitPrice\": \"1\"}").of("q"))
                .hasMessageContaining("no price of product q");
        assertThatThrownBy(() -> read(
                        "{\"productId\": \"p\", \"unitPrice\": \"1\"}, {\"productId\": \"p\", \"unitPrice\": \"2\"}"))
                .hasMessageContaining("stands twice: p");
        assertThatThrownBy(() -> PriceList.read("{\"products\": []}".getBytes(UTF_8)))
                .hasMessageContaining("ISO 4217");
    }
}
