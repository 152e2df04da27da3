package io.hourledger.ledger.instance;

import io.hourledger.contracts.gallery.MeteringSn;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.DoubtUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceCommand.RefuseUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReleaseInstance;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.Decision;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The one place where commands become events: a function of state, command and the seller's settings, and of nothing else. */
public final class InstanceDecider {

    private final SellerPolicy policy;

    public InstanceDecider(SellerPolicy policy) {
        this.policy = policy;
    }

    /**
     * @param state null if the instance is unknown
     */
    public Decision decide(@Nullable InstanceState state, InstanceCommand command) {
        if (command instanceof OpenInstance open) {
            return Opening.decide(state, open);
        }
        if (state == null) {
            return new Decision.UnknownInstance();
        }
        if (command instanceof MeterHour meter) {
            return Metering.decide(state, meter, policy);
        }
        if (command instanceof ReportUsageRecord report) {
            return Settling.decide(state, report);
        }
        if (command instanceof RefuseUsageRecord refuse) {
            return Settling.decide(state, refuse);
        }
        if (command instanceof DoubtUsageRecord doubt) {
            return Settling.decide(state, doubt);
        }
        if (command instanceof ReleaseInstance release) {
            return Releasing.decide(state, release);
        }
        throw new IllegalArgumentException("a command that no rule knows: " + command);
    }

    /** What must be recalled from the stream before a command can be decided; empty if the state remembers enough. */
    public static Optional<Recall> recallFor(InstanceState state, InstanceCommand command) {
        RecentHours recent = state.recent();
        if (command instanceof MeterHour meter) {
            return recent.remembers(meter.hour()) ? Optional.empty() : Optional.of(new Recall.OfHour(meter.hour()));
        }
        if (command instanceof ReportUsageRecord report) {
            return recordRecall(recent, report.meteringSn());
        }
        if (command instanceof RefuseUsageRecord refuse) {
            return recordRecall(recent, refuse.meteringSn());
        }
        if (command instanceof DoubtUsageRecord doubt) {
            return recordRecall(recent, doubt.meteringSn());
        }
        return Optional.empty();
    }

    private static Optional<Recall> recordRecall(RecentHours recent, MeteringSn meteringSn) {
        boolean enough = !recent.forgotAny() || recent.hourOfRecord(meteringSn).isPresent();
        return enough ? Optional.empty() : Optional.of(new Recall.OfRecord(meteringSn));
    }

    /** Something older than the state remembers. */
    public sealed interface Recall {
        /** Everything about an hour. */
        record OfHour(UsageHour hour) implements Recall {}

        /** Everything about the hour for which a record was built. */
        record OfRecord(MeteringSn meteringSn) implements Recall {}
    }
}
