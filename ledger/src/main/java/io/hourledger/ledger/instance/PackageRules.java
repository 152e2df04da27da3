package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceCommand.AddPackage;
import io.hourledger.contracts.instance.InstanceCommand.NoticePackageUsedUp;
import io.hourledger.contracts.instance.InstanceEvent.PackageAdded;
import io.hourledger.contracts.instance.InstanceEvent.PackageUseUpNoticed;
import io.hourledger.contracts.marketplace.BillableAmount;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/** A package is added once, and that it is used up is noticed once. */
final class PackageRules {

    private PackageRules() {}

    static Decision decide(InstanceState state, AddPackage command) {
        Optional<Packages.Balance> known = state.packages().find(command.packageInstanceId());
        if (known.isPresent()) {
            return new Decision.AlreadyDone();
        }
        BigDecimal amount = BillableAmount.canonical(command.amount());
        if (amount.signum() <= 0 || amount.scale() > BillableAmount.SCALE) {
            return new Decision.Refused(
                    "package-amount", "a package contains an amount above zero with at most 4 decimals, not " + amount);
        }
        if (state.life().releasedAt() != null) {
            return new Decision.Refused("released", "instance " + state.instanceId() + " has ended");
        }
        return new Decision.Done(
                List.of(new PackageAdded(state.instanceId(), command.packageInstanceId(), amount, command.addedAt())));
    }

    static Decision decide(InstanceState state, NoticePackageUsedUp command) {
        Optional<Packages.Balance> known = state.packages().find(command.packageInstanceId());
        if (known.isEmpty()) {
            return new Decision.Refused(
                    "no-such-package",
                    "instance " + state.instanceId() + " draws from no package " + command.packageInstanceId());
        }
        return known.get().noticed()
                ? new Decision.AlreadyDone()
                : new Decision.Done(List.of(
                        new PackageUseUpNoticed(state.instanceId(), command.packageInstanceId(), command.noticedAt())));
    }
}
