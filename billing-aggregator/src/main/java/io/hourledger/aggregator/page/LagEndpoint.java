package io.hourledger.aggregator.page;

import io.hourledger.aggregator.lag.LagReport;
import io.hourledger.aggregator.run.Aggregator;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** How far counting lags behind, of all partitions, and whether their hours will be reported in time. */
@RestController
final class LagEndpoint {

    private final Aggregator aggregator;

    LagEndpoint(Aggregator aggregator) {
        this.aggregator = aggregator;
    }

    @GetMapping("/lag")
    LagReport lag() {
        return aggregator.lag();
    }
}
