package io.hourledger.aggregator.page;

import io.hourledger.aggregator.unmatched.SubjectUsage;
import io.hourledger.aggregator.unmatched.UnmatchedUsage;
import io.hourledger.aggregator.unmatched.UnmatchedUsage.Filter;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Which usage is counted and not in the ledger, and why: the first thousand, the oldest before all others. */
@RestController
final class UnmatchedUsageEndpoint {

    private static final int MOST_SHOWN = 1_000;

    private final UnmatchedUsage usage;

    UnmatchedUsageEndpoint(UnmatchedUsage usage) {
        this.usage = usage;
    }

    @GetMapping("/v1/unmatched-usage")
    List<SubjectUsage> unmatchedUsage() {
        return usage.list(Filter.ALL, MOST_SHOWN);
    }
}
