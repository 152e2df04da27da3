package io.hourledger.aggregator.run;

import io.hourledger.aggregator.hour.HaltReason;
import io.hourledger.aggregator.hour.PartitionHaltedException;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.journal.CutoffWriter;
import io.hourledger.ledger.installation.IncarnationStatus;
import io.hourledger.ledger.installation.Installation;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedRuntimeException;

/** Writes cutoffs for the installation of a database, as long as the database is in force. */
final class IncarnationCutoffWriter implements CutoffWriter {

    private final Installation installation;
    private final @Nullable UUID takesOver;

    IncarnationCutoffWriter(Installation installation, @Nullable UUID takesOver) {
        this.installation = installation;
        this.takesOver = takesOver;
    }

    @Override
    public UUID installation() {
        return installation.id();
    }

    @Override
    public long incarnation() {
        return switch (installation.status()) {
            case IncarnationStatus.InForce(long number) -> number;
            case IncarnationStatus.NotKnown unknown ->
                throw new StoreUnavailableException(unknown.whyNot().orElseThrow());
            case IncarnationStatus.Superseded superseded -> throw halted(superseded);
            case IncarnationStatus.JournalLost lost -> throw halted(lost);
        };
    }

    private static PartitionHaltedException halted(IncarnationStatus status) {
        return new PartitionHaltedException(
                HaltReason.SUPERSEDED, status.whyNot().orElseThrow());
    }

    @Override
    public void lookAgain() {
        try {
            installation.look();
        } catch (KafkaException | NestedRuntimeException noAnswer) {
            throw new StoreUnavailableException("it is not known whether this database is in force", noAnswer);
        }
    }

    @Override
    public Optional<UUID> takesOver() {
        return Optional.ofNullable(takesOver);
    }
}
