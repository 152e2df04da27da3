package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceCommand.AboutPackage;
import io.hourledger.contracts.instance.InstanceCommand.AddPackage;
import io.hourledger.contracts.instance.InstanceCommand.FreezePackage;
import io.hourledger.contracts.instance.InstanceCommand.NoticePackageUsedUp;
import io.hourledger.contracts.instance.InstanceCommand.ReleasePackage;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezePackage;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.PackageAdded;
import io.hourledger.contracts.instance.InstanceEvent.PackageDrawDownReversed;
import io.hourledger.contracts.instance.InstanceEvent.PackageFrozen;
import io.hourledger.contracts.instance.InstanceEvent.PackageReleased;
import io.hourledger.contracts.instance.InstanceEvent.PackageUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.PackageUseUpNoticed;
import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.ledger.instance.Packages.Balance;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** A package is added once, ends once, is frozen and unfrozen until then, and that it is used up is noticed once. */
final class PackageRules {

    private PackageRules() {}

    static Decision decide(InstanceState state, AddPackage command) {
        Optional<Balance> known = state.packages().find(command.packageInstanceId());
        if (known.isPresent()) {
            return new Decision.AlreadyDone();
        }
        BigDecimal amount = BillableAmount.canonical(command.amount());
        if (amount.signum() <= 0 || amount.scale() > BillableAmount.SCALE) {
            return new Decision.Refused(
                    "package-amount", "a package contains an amount above zero with at most 4 decimals, not " + amount);
        }
        if (!state.life().products().isPayPerUseAt(command.addedAt())) {
            return new Decision.Refused(
                    "package-for-pay-per-use",
                    "instance " + state.instanceId() + " is not pay per use, so nothing is drawn from a package");
        }
        if (state.life().releasedAt() != null) {
            return new Decision.Refused("released", "instance " + state.instanceId() + " has ended");
        }
        return new Decision.Done(
                List.of(new PackageAdded(state.instanceId(), command.packageInstanceId(), amount, command.addedAt())));
    }

    static Decision decide(InstanceState state, FreezePackage command) {
        return unlessDone(
                state,
                command,
                balance -> balance.life().isFrozen(),
                balance -> new PackageFrozen(state.instanceId(), balance.packageInstanceId(), command.frozenAt()));
    }

    static Decision decide(InstanceState state, UnfreezePackage command) {
        return unlessDone(
                state,
                command,
                balance -> !balance.life().isFrozen(),
                balance -> new PackageUnfrozen(state.instanceId(), balance.packageInstanceId(), command.unfrozenAt()));
    }

    static Decision decide(InstanceState state, ReleasePackage command) {
        return find(state, command)
                .map(balance -> balance.life().isReleased()
                        ? new Decision.AlreadyDone()
                        : done(new PackageReleased(
                                state.instanceId(), balance.packageInstanceId(), balance.left(), command.releasedAt())))
                .orElseGet(() -> noSuchPackage(state, command));
    }

    static Decision decide(InstanceState state, NoticePackageUsedUp command) {
        return find(state, command)
                .map(balance -> balance.noticed()
                        ? new Decision.AlreadyDone()
                        : done(new PackageUseUpNoticed(
                                state.instanceId(), balance.packageInstanceId(), command.noticedAt())))
                .orElseGet(() -> noSuchPackage(state, command));
    }

    /** Puts back what a record took from its package; empty if it took nothing, or its package is no longer remembered. */
    static Optional<PackageDrawDownReversed> reversal(InstanceState state, RecordEntry record, Instant at) {
        return Optional.ofNullable(record.packageInstanceId())
                .flatMap(state.packages()::find)
                .map(balance -> new PackageDrawDownReversed(
                        state.instanceId(),
                        balance.packageInstanceId(),
                        record.meteringSn().value(),
                        record.amount(),
                        BillableAmount.canonical(balance.left().add(record.amount())),
                        at));
    }

    private static Decision unlessDone(
            InstanceState state,
            AboutPackage command,
            Predicate<Balance> isDone,
            Function<Balance, InstanceEvent> event) {
        Optional<Balance> known = find(state, command);
        if (known.isEmpty()) {
            return noSuchPackage(state, command);
        }
        Balance balance = known.get();
        if (balance.life().isReleased()) {
            return new Decision.Refused("package-released", "package " + balance.packageInstanceId() + " has ended");
        }
        return isDone.test(balance) ? new Decision.AlreadyDone() : done(event.apply(balance));
    }

    private static Optional<Balance> find(InstanceState state, AboutPackage command) {
        return state.packages().find(command.packageInstanceId());
    }

    private static Decision done(InstanceEvent event) {
        return new Decision.Done(List.of(event));
    }

    private static Decision noSuchPackage(InstanceState state, AboutPackage command) {
        return new Decision.Refused(
                "no-such-package",
                "instance " + state.instanceId() + " draws from no package " + command.packageInstanceId());
    }
}
