package io.hourledger.cli.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.Partitioner;
import io.hourledger.aggregator.postgres.PostgresPartitionPositions;
import io.hourledger.aggregator.recount.Receipts.Search;
import io.hourledger.aggregator.run.KafkaUsageLogWriter;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Person;
import io.hourledger.cli.ledger.UsageLogPlace;
import io.hourledger.cli.ledger.UsageLogPlace.Kafka;
import io.hourledger.cli.ledger.UsageLogPlace.KafkaMissingException;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.ReadUsage;
import io.hourledger.contracts.usage.ReadUsage.Amends;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageEventReader;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.standalone.ExitCode;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Mixin;

/** A person's correction of one usage event: an event of its own, which is appended to the usage log. */
abstract class EventCorrection extends LedgerQuestion {

    @Mixin
    private Person person = new Person();

    @Mixin
    private UsageLogPlace place = new UsageLogPlace();

    /** The correction as it is appended to the log. */
    abstract byte[] correction(String id, DecidedBy by, CatalogueVersions catalogues);

    @Override
    protected final boolean needsTables() {
        return false;
    }

    @Override
    protected final int answer(LedgerDatabase.Open ledger) {
        DecidedBy by = person.decidedBy();
        try (Kafka kafka = place.open(ledger)) {
            CatalogueVersions catalogues = kafka.catalogues();
            byte[] value = correction("amendment-" + UUID.randomUUID(), by, catalogues);
            UsageAmendment amendment = read(value, catalogues);
            byte[] subject = amendment.subject().getBytes(UTF_8);
            int partition = Partitioner.partitionOf(subject, 0, subject.length, kafka.partitions());
            Optional<UsageHour> accepts = new PostgresPartitionPositions(ledger.dataSource()).acceptsFrom(partition);
            if (accepts.filter(first -> amendment.hour().compareTo(first) < 0).isPresent()) {
                err().println("metering: hour " + amendment.hour() + " accepts no more usage, so its events can't be"
                        + " corrected. Decide about its usage records: ./metering ledger decide --help");
                return ExitCode.DIFFERENT;
            }
            String what = "event " + amendment.change().eventId() + " of " + amendment.subject() + " in hour "
                    + amendment.hour();
            if (kafka.receipts().eventOf(partition, amendment) instanceof Search.NothingCounted) {
                err().println("metering: no such event has counted in that hour yet. Until one does, nothing changes");
            }
            if (!person.means()) {
                err().println("nothing has happened yet: " + what + " would be "
                        + amendment.change().code() + "; give --yes to do it");
                return ExitCode.NOT_ALL;
            }
            Instant now = Person.now(ledger);
            try (KafkaUsageLogWriter writer = new KafkaUsageLogWriter(kafka.log())) {
                out().println(what + " is " + amendment.change().code() + " by record "
                        + writer.append(partition, subject, value, now) + ", id " + amendment.id());
            }
            return ExitCode.OK;
        } catch (KafkaMissingException missing) {
            throw new IllegalStateException(missing.getMessage(), missing);
        }
    }

    private UsageAmendment read(byte[] value, CatalogueVersions catalogues) {
        return switch (new UsageEventReader(catalogues).read(value, 0, value.length)) {
            case Amends(UsageAmendment amendment) -> amendment;
            case Malformed malformed -> throw wrong(malformed.detail());
            case ReadUsage.Countable _, ReadUsage.FilteredOut _ ->
                throw new IllegalStateException("a correction is no usage");
        };
    }
}
