package io.hourledger.aggregator.page;

import io.hourledger.aggregator.closing.ClosingStore.Blocked;
import io.hourledger.aggregator.lag.LagReport;
import io.hourledger.aggregator.recount.Receipts;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.AggregatorSettings;
import io.hourledger.aggregator.unmatched.UnmatchedUsage;
import io.hourledger.service.OperatorPages;
import io.hourledger.service.RequiredSettings;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The pages of an operator. */
@Configuration(proxyBeanMethods = false)
public class PageConfiguration {

    @Bean
    PartitionsEndpoint partitionsEndpoint(DataSource database, Aggregator aggregator) {
        return new PartitionsEndpoint(new PartitionAccounts(database), aggregator);
    }

    @Bean
    BlockedInstancesEndpoint blockedInstancesEndpoint(DataSource database) {
        return new BlockedInstancesEndpoint(new BlockedInstances(JdbcClient.create(database)));
    }

    @Bean
    UnmatchedUsageEndpoint unmatchedUsageEndpoint(DataSource database) {
        return new UnmatchedUsageEndpoint(new UnmatchedUsage(database));
    }

    @Bean
    ReceiptsEndpoint receiptsEndpoint(Receipts receipts, Aggregator.Parts parts) {
        return new ReceiptsEndpoint(
                receipts, parts.settings().countingRules(parts.kafka().partitions()));
    }

    @Bean
    LagEndpoint lagEndpoint(Aggregator aggregator) {
        return new LagEndpoint(aggregator);
    }

    /** Down when a thread no longer polls, a partition waits for a person, or another database has taken over. An instance that is blocked is shown, and stops nothing else. */
    @Bean
    HealthIndicator aggregatorHealthIndicator(Aggregator aggregator, AggregatorSettings settings) {
        return () -> {
            boolean reading = aggregator.isReading(settings.longestWithoutPoll());
            boolean halted = aggregator.partitions().all().stream().anyMatch(one -> one.haltedBecause() != null);
            Optional<String> superseded = aggregator.supersededBecause();
            Health.Builder health = reading && !halted && superseded.isEmpty() ? Health.up() : Health.down();
            superseded.ifPresent(why -> health.withDetail("superseded", why));
            aggregator
                    .partitions()
                    .all()
                    .forEach(one -> health.withDetail(
                            "partition-" + one.partition(),
                            one.haltedBecause() == null ? one.state().name() : one.haltedBecause()));
            LagReport lag = aggregator.lag();
            health.withDetail("lag", lag.verdict().words() + ": " + lag.cause());
            Blocked blocked = aggregator.blocked();
            health.withDetail("blockedInstances", blocked.instances());
            if (blocked.since() != null) {
                health.withDetail("blockedSince", blocked.since());
            }
            return health.build();
        };
    }

    @Bean
    FilterRegistrationBean<?> operatorOnly(RequiredSettings settings) {
        return OperatorPages.closed(settings, "/v1/*", "/lag");
    }
}
