package io.hourledger.pusher.files;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.DisputeUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.SettleUsageRecord;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** What follows from a finding for the ledger, if a person takes the file's word. */
public final class FileDecision {

    private FileDecision() {}

    /** Empty if nothing follows, or if a person must look first. */
    public static Optional<InstanceCommand> of(Finding finding, DecidedBy by, Instant at) {
        ComparedRecord record = finding.record();
        if (record == null) {
            return Optional.empty();
        }
        InstanceId instance = new InstanceId(record.instanceId());
        MeteringSn sn = new MeteringSn(record.meteringSn());
        return switch (finding.verdict()) {
            case REJECTED, DUPLICATE -> Optional.of(new DisputeUsageRecord(instance, sn, code(finding), by, at));
            case NOT_BILLED -> Optional.of(SettleUsageRecord.asRefused(instance, sn, by, at));
            case BILLED -> Optional.of(SettleUsageRecord.asReported(instance, sn, by, at));
            default -> Optional.empty();
        };
    }

    private static String code(Finding finding) {
        return Objects.requireNonNull(Objects.requireNonNull(finding.row()).code());
    }
}
