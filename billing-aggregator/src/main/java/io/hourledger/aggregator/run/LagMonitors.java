package io.hourledger.aggregator.run;

import io.hourledger.aggregator.lag.KafkaUsageLogEnds;
import io.hourledger.aggregator.lag.LagMonitor;
import io.hourledger.aggregator.postgres.PostgresStoredPositions;
import io.hourledger.ledger.installation.Installation;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.kafka.clients.CommonClientConfigs;

/** Looks at the lag without an aggregator, for the command line. */
public final class LagMonitors {

    private LagMonitors() {}

    /**
     * @param group the consumer group of the aggregators, as it is configured
     * @param grace how long after its end an hour waits for events on their way
     * @param clock business time
     */
    public static LagMonitor of(
            AggregatorKafkaSettings kafka, String group, Duration grace, DataSource database, Clock clock) {
        Map<String, Object> client = new HashMap<>(kafka.client());
        client.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, String.valueOf(kafka.bootstrapServers()));
        return new LagMonitor(
                new PostgresStoredPositions(database),
                new KafkaUsageLogEnds(
                        client,
                        kafka.topic(),
                        GroupName.of(
                                group, Installation.withoutJournal(database).id())),
                clock,
                grace,
                partition -> "");
    }
}
