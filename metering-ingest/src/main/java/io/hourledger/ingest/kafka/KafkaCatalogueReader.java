package io.hourledger.ingest.kafka;

import io.hourledger.contracts.scan.EventReaders;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.CatalogueVersionsFile;
import io.hourledger.ingest.accept.EventReaderSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the versions of the catalogue that the aggregator tells on a compacted topic. Until it has heard of any, the file of this process rules
 * all hours. Versions only ever come on top: a record that lacks one which is known is passed over.
 */
final class KafkaCatalogueReader implements EventReaderSource, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaCatalogueReader.class);

    private volatile Known known;
    private @Nullable CompactedTopicReader reader;

    /**
     * @param isTold whether the aggregator has told them; if not they are of the file
     */
    private record Known(CatalogueVersions versions, boolean isTold, EventReaders readers) {

        static Known of(CatalogueVersions versions, boolean isTold) {
            return new Known(versions, isTold, new EventReaders(versions));
        }
    }

    private KafkaCatalogueReader(Catalogue file) {
        this.known = Known.of(CatalogueVersions.only(file), false);
    }

    /**
     * Reads what was told so far, if Kafka answers in time, and follows what comes.
     *
     * @param file what rules until the aggregator has told anything
     */
    static KafkaCatalogueReader start(IngestKafkaSettings settings, Catalogue file) {
        KafkaCatalogueReader catalogue = new KafkaCatalogueReader(file);
        catalogue.reader =
                CompactedTopicReader.start(settings, CatalogueVersions.topicOf(settings.topic()), catalogue::take);
        return catalogue;
    }

    private void take(ConsumerRecord<byte[], byte[]> told) {
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
