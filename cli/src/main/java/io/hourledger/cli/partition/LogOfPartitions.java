package io.hourledger.cli.partition;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.recount.LogExtents;
import io.hourledger.aggregator.recount.LogExtents.Extent;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.UsageLogPlace;
import io.hourledger.cli.ledger.UsageLogPlace.Kafka;
import io.hourledger.cli.ledger.UsageLogPlace.KafkaMissingException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How far the log of partitions reaches, if Kafka answers. */
final class LogOfPartitions {

    private LogOfPartitions() {}

    /** For each of the partitions, in their order. */
    static List<Optional<Extent>> extents(
            UsageLogPlace place, LedgerDatabase.Open ledger, List<Integer> partitions, PrintWriter err) {
        List<Optional<Extent>> extents = new ArrayList<>();
        try (Kafka kafka = place.open(ledger)) {
            LogExtents log = new LogExtents(kafka.log());
            partitions.forEach(partition -> extents.add(Optional.of(log.of(partition))));
        } catch (KafkaMissingException | StoreUnavailableException noAnswer) {
            err.println("metering: without the log, since " + noAnswer.getMessage());
            extents.clear();
            partitions.forEach(partition -> extents.add(Optional.empty()));
        }
        return extents;
    }
}
