package io.hourledger.benchmarks.aggregator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.benchmarks.load.LoadTopic;
import io.hourledger.benchmarks.load.Workload;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * The settings of ours that must differ from their defaults: where the servers are, and a business clock that stands within the load's
 * hours, so that counting is measured and no hour closes meanwhile. Closing is measured in the ledger's bench.
 */
final class OurSettings {

    /** Any key will do; it must stay the same over the runs of one database. */
    static final String ID_KEY = "000102030405060708090a0b0c0d0e0f";

    private OurSettings() {}

    /** What our aggregators count with. */
    static Catalogue catalogue() {
        return CatalogueFile.read(Workload.CATALOGUE.getBytes(UTF_8));
    }

    /** So many threads read. */
    static String threads(int threads) {
        return "--hourledger.aggregator.threads=" + threads;
    }

    static List<String> of(
            Servers servers,
            LoadTopic topic,
            OurDatabase database,
            Path folder,
            EventParser parser,
            Instant businessNow) {
        Path catalogue = folder.resolve("catalogue.json");
        try {
            Files.writeString(catalogue, Workload.CATALOGUE);
        } catch (IOException e) {
            throw new UncheckedIOException("the catalogue cannot be written", e);
        }
        return List.of(
                "--server.port=0",
                "--management.server.port=0",
                "--spring.main.banner-mode=off",
                "--spring.datasource.url=" + servers.database().jdbcUrl(database.name()),
                "--spring.datasource.username=" + servers.database().user(),
                "--spring.datasource.password=" + servers.database().password(),
                "--hourledger.kafka.bootstrap-servers=" + servers.bootstrapServers(),
                "--hourledger.kafka.topic=" + topic.name(),
                "--hourledger.kafka.unsafe-topic-allowed=true",
                "--hourledger.kafka.partitions=" + topic.load().partitions(),
                "--hourledger.catalogue=" + catalogue.toUri(),
                "--hourledger.operator-token=bench",
                "--hourledger.clock.anchor=" + Clock.systemUTC().instant(),
                "--hourledger.clock.origin=" + businessNow,
                "--hourledger.clock.speed=1",
                "--hourledger.aggregator.id-key=" + ID_KEY,
                // several databases read one topic, each on its own
                "--hourledger.journal.cutoffs-topic=cutoffs-" + database.name(),
                "--hourledger.aggregator.group-id=" + database.name() + "-" + UUID.randomUUID(),
                "--hourledger.aggregator.parser-only=" + parser.parserOnly());
    }
}
