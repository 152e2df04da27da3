package io.hourledger.aggregator.recount;

import static io.hourledger.aggregator.Usage.voided;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.recount.CatalogueSimulation.BothAmounts;
import io.hourledger.aggregator.recount.CatalogueSimulation.MeteredAmount;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.Recounts;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Ten o'clock by another catalogue: late, repeated and taken back as it was. */
@Tag("servers")
class CatalogueSimulationTest extends BilledHourRig {

    private static final Meter NEW_TYPE =
            new Meter("gusts", "wind.gust", Aggregation.MAX, "speed", "m/s", BigDecimal.ONE);

    private CatalogueSimulation simulation(Meter... meters) {
        Aggregator.Parts parts = stack.parts();
        return Recounts.simulation(
                parts.settings(), parts.kafka(), parts.database(), new Catalogue(7, List.of(meters), List.of()));
    }

    private static MeteredAmount amount(String meter, String amount) {
        return new MeteredAmount("i-1", meter, new BigDecimal(amount));
    }

    @Test
    void late_usage_repeats_and_amendments_count_as_they_would_have() {
        stack.open("i-1");
        stack.start();
        send("e-1", 1, "1000000");
        send("e-1", 1, "1000000");
        send("e-2", 2, "2000000");
        read(NEW_TYPE, "e-3", 3, "9");
        closeThrough(0);
        send("e-4", 4, "8000000");
        sendEvent(voided("i-1", "a-1", TEN.plusSeconds(2), "e-2", Usage.EGRESS.eventType()));
        closeThrough(1);
        Meter largest = new Meter("largest", "web.egress", Aggregation.MAX, "bytes", "B", BigDecimal.ONE);
        Meter calls = new Meter("calls", "web.egress", Aggregation.COUNT, null, "calls", BigDecimal.ONE);
        CatalogueSimulation other = simulation(largest, calls, NEW_TYPE);

        SortedMap<UsageHour, Integer> hours =
                ((Recount.Counted<SortedMap<UsageHour, Integer>>) other.hoursInLog(PARTITION)).result();

        assertThat(hours).containsOnly(Map.entry(HOUR_TEN, 1));
        assertThat(other.count(PARTITION, HOUR_TEN, 1))
                .isEqualTo(new Recount.Counted<>(new BothAmounts(
                        List.of(amount("egress", "3"), amount("egress", "6")),
                        List.of(
                                amount("calls", "2"),
                                amount("calls", "0"),
                                amount("gusts", "9"),
                                amount("largest", "2000000"),
                                amount("largest", "6000000")))));
        assertThat(other.count(PARTITION, HOUR_TEN, 0))
                .isEqualTo(new Recount.Counted<>(new BothAmounts(
                        List.of(amount("egress", "3")),
                        List.of(amount("calls", "2"), amount("gusts", "9"), amount("largest", "2000000")))));
    }

    @Test
    void an_hour_that_is_not_closed_yet_is_not_counted() {
        stack.open("i-1");
        stack.start();
        send("e-1", 1, "1000000");
        closeThrough(0);
        UsageHour eleven = UsageHour.of(TEN.plus(Duration.ofHours(1)));

        assertThat(simulation(Usage.EGRESS).count(PARTITION, eleven, 0)).isInstanceOf(Recount.NotOver.class);
    }
}
