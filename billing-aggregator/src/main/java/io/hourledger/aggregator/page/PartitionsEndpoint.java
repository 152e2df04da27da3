package io.hourledger.aggregator.page;

import io.hourledger.aggregator.consumer.PartitionStatus;
import io.hourledger.aggregator.page.PartitionAccounts.Account;
import io.hourledger.aggregator.run.Aggregator;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** How every partition stands, and how those of this process are being read. */
@RestController
final class PartitionsEndpoint {

    private final PartitionAccounts accounts;
    private final Aggregator aggregator;

    PartitionsEndpoint(PartitionAccounts accounts, Aggregator aggregator) {
        this.accounts = accounts;
        this.aggregator = aggregator;
    }

    /**
     * What the page shows.
     *
     * @param partitions all of the topic, as kept
     * @param owned those that this process reads
     */
    record Page(List<Account> partitions, List<PartitionStatus> owned) {}

    @GetMapping("/v1/partitions")
    Page partitions() {
        return new Page(accounts.all(), aggregator.partitions().all());
    }
}
