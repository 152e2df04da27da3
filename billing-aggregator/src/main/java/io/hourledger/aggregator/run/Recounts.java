package io.hourledger.aggregator.run;

import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.aggregator.recount.AmendedHourRecount;
import io.hourledger.aggregator.recount.CatalogueSimulation;
import io.hourledger.aggregator.recount.HourRecount;
import io.hourledger.aggregator.recount.Receipts;
import io.hourledger.contracts.usage.Catalogue;
import javax.sql.DataSource;

/** Recounts under the settings of an aggregator, with or without one that runs: for its own use and for the command line. */
public final class Recounts {

    private Recounts() {}

    /** Answers for receipts, of any partition. */
    public static Receipts receipts(AggregatorSettings settings, AggregatorKafkaSettings kafka, DataSource database) {
        return new Receipts(
                new HourRecount.Log(KafkaClients.of(kafka, settings), kafka.topic()),
                new PostgresCatalogue(database),
                database);
    }

    /** Counts amended hours again, for those who enter them. */
    static AmendedHourRecount ofAmended(
            AggregatorSettings settings, AggregatorKafkaSettings kafka, DataSource database) {
        return new AmendedHourRecount(
                new HourRecount.Log(KafkaClients.of(kafka, settings), kafka.topic()),
                settings.countingRules(kafka.partitions()),
                new PostgresCatalogue(database),
                IdKey.fromHex(String.valueOf(settings.idKey())),
                database);
    }

    /**
     * @param database the one that the aggregator and the ledger keep theirs in
     */
    public static HourRecount of(AggregatorSettings settings, AggregatorKafkaSettings kafka, DataSource database) {
        return new HourRecount(
                new HourRecount.Log(KafkaClients.of(kafka, settings), kafka.topic()),
                settings.countingRules(kafka.partitions()),
                new PostgresCatalogue(database),
                IdKey.fromHex(String.valueOf(settings.idKey())),
                database);
    }

    /** Counts by the published versions and by another catalogue. */
    public static CatalogueSimulation simulation(
            AggregatorSettings settings, AggregatorKafkaSettings kafka, DataSource database, Catalogue other) {
        return new CatalogueSimulation(
                new HourRecount.Log(KafkaClients.of(kafka, settings), kafka.topic()),
                settings.countingRules(kafka.partitions()),
                new PostgresCatalogue(database),
                other,
                IdKey.fromHex(String.valueOf(settings.idKey())),
                database);
    }
}
