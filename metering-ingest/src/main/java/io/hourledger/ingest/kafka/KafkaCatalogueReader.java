package io.hourledger.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.scan.EventReaders;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.CatalogueVersionsFile;
import io.hourledger.contracts.usage.ToldAcceptance;
import io.hourledger.ingest.accept.EventReaderSource;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the versions of the catalogue that the aggregator tells on a compacted topic. Until it has heard of any, the file of this process rules
 * all hours. Versions only ever come on top: a record that lacks one which is known is passed over. The aggregator tells on it for how long usage
 * counts, too: a {@code max-age} beyond that acknowledges usage which goes to quarantine, and is said as an error.
 */
final class KafkaCatalogueReader implements EventReaderSource, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaCatalogueReader.class);

    private final Duration maxAge;
    private volatile Known known;
    private @Nullable ToldAcceptance acceptance;
    private @Nullable CompactedTopicReader reader;

    /**
     * @param isTold whether the aggregator has told them; if not they are of the file
     */
    private record Known(CatalogueVersions versions, boolean isTold, EventReaders readers) {

        static Known of(CatalogueVersions versions, boolean isTold) {
            return new Known(versions, isTold, new EventReaders(versions));
        }
    }

    private KafkaCatalogueReader(Catalogue file, Duration maxAge) {
        this.maxAge = maxAge;
        this.known = Known.of(CatalogueVersions.only(file), false);
    }

    /**
     * Reads what was told so far, if Kafka answers in time, and follows what comes.
     *
     * @param file what rules until the aggregator has told anything
     * @param maxAge how old usage is taken
     */
    static KafkaCatalogueReader start(IngestKafkaSettings settings, Catalogue file, Duration maxAge) {
        KafkaCatalogueReader catalogue = new KafkaCatalogueReader(file, maxAge);
        catalogue.reader =
                CompactedTopicReader.start(settings, CatalogueVersions.topicOf(settings.topic()), catalogue::take);
        return catalogue;
    }

    private void take(ConsumerRecord<byte[], byte[]> told) {
        if (told.key() != null && ToldAcceptance.KEY.equals(new String(told.key(), UTF_8))) {
            take(ToldAcceptance.read(told.value()));
        } else {
            takeVersions(told);
        }
    }

    /** It is told every minute, and said when it changes. */
    private void take(ToldAcceptance told) {
        if (!told.equals(acceptance) && maxAge.compareTo(told.acceptedLate()) > 0) {
            log.atError()
                    .addKeyValue("maxAge", maxAge)
                    .addKeyValue("acceptedLate", told.acceptedLate())
                    .log("max-age is longer than accepted-late, so usage is taken that is never counted");
        }
        acceptance = told;
    }

    private void takeVersions(ConsumerRecord<byte[], byte[]> told) {
        CatalogueVersions versions = CatalogueVersionsFile.read(told.value());
        Known before = known;
        boolean isNews = !before.isTold
                || versions.newest().version() > before.versions.newest().version();
        if (isNews) {
            known = Known.of(versions, true);
            log.atInfo().addKeyValue("version", versions.newest().version()).log("versions of the catalogue learned");
        }
    }

    @Override
    public EventReaders readers() {
        return known.readers;
    }

    /** The number of the newest version that is known. */
    int newestVersion() {
        return known.versions.newest().version();
    }

    @Override
    public void close() {
        if (reader != null) {
            reader.close();
        }
    }
}
