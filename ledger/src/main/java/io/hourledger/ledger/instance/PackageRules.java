package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceCommand.AboutPackage;
import io.hourledger.contracts.instance.InstanceCommand.AddPackage;
import io.hourledger.contracts.instance.InstanceCommand.ExpirePackage;
import io.hourledger.contracts.instance.InstanceCommand.FreezePackage;
import io.hourledger.contracts.instance.InstanceCommand.NoticePackageUsedUp;
import io.hourledger.contracts.instance.InstanceCommand.ReleasePackage;
import io.hourledger.contracts.instance.InstanceCommand.RenewPackage;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezePackage;
import io.hourledger.contracts.instance.InstanceCommand.WithdrawPackage;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.PackageAdded;
import io.hourledger.contracts.instance.InstanceEvent.PackageDrawDownReversed;
import io.hourledger.contracts.instance.InstanceEvent.PackageExpired;
import io.hourledger.contracts.instance.InstanceEvent.PackageFrozen;
import io.hourledger.contracts.instance.InstanceEvent.PackageReleased;
import io.hourledger.contracts.instance.InstanceEvent.PackageRenewed;
import io.hourledger.contracts.instance.InstanceEvent.PackageUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.PackageUseUpNoticed;
import io.hourledger.contracts.instance.InstanceEvent.PackageWithdrawn;
import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.ledger.instance.PackageLife.Stop;
import io.hourledger.ledger.instance.Packages.Balance;
import io.hourledger.ledger.instance.SellerPolicy.FreezeAtRenewal;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A package is added once, ends once, is frozen, expires and goes on until then, and that it is used up is noticed once. */
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
        if (!state.origin().isSold()) {
            return new Decision.Refused(
                    WithholdReason.NO_MARKETPLACE,
                    "instance " + state.instanceId()
                            + " was opened without a marketplace: its usage is never billed, so a package would pay for nothing");
        }
        if (state.life().releasedAt() != null) {
            return new Decision.Refused("released", "instance " + state.instanceId() + " has ended");
        }
        return new Decision.Done(
                List.of(new PackageAdded(state.instanceId(), command.packageInstanceId(), amount, command.addedAt())));
    }

    static Decision decide(InstanceState state, FreezePackage command) {
        return ofLiving(
                state,
                command,
                balance -> balance.life().isStopped(Stop.FROZEN)
                        ? new Decision.AlreadyDone()
                        : done(new PackageFrozen(state.instanceId(), balance.packageInstanceId(), command.frozenAt())));
    }

    /** The end of a freeze renews nothing that has expired. */
    static Decision decide(InstanceState state, UnfreezePackage command) {
        return ofLiving(state, command, balance -> {
            if (balance.life().isStopped(Stop.FROZEN)) {
                return done(new PackageUnfrozen(state.instanceId(), balance.packageInstanceId(), command.unfrozenAt()));
            }
            return balance.life().isStopped(Stop.EXPIRED)
                    ? new Decision.Refused(
                            "package-expired",
                            "package " + balance.packageInstanceId()
                                    + " has expired, and the end of a freeze does not renew it")
                    : new Decision.AlreadyDone();
        });
    }

    static Decision decide(InstanceState state, ExpirePackage command) {
        return ofLiving(
                state,
                command,
                balance -> balance.life().isStopped(Stop.EXPIRED)
                        ? new Decision.AlreadyDone()
                        : done(new PackageExpired(
                                state.instanceId(), balance.packageInstanceId(), command.expiredAt())));
    }

    static Decision decide(InstanceState state, RenewPackage command, SellerPolicy policy) {
        return ofLiving(state, command, balance -> {
            String packageId = balance.packageInstanceId();
            if (command.orderId().equals(balance.life().renewedBy())) {
                return new Decision.AlreadyDone();
            }
            boolean endsFreeze = endsFreeze(balance, command, policy);
            if (!endsFreeze && !balance.life().isStopped(Stop.EXPIRED)) {
                return new Decision.Refused(
                        "package-not-expired",
                        "package " + packageId + " has not expired, and no document says what its renewal means then");
            }
            if (!command.termRuns()) {
                return new Decision.Refused(
                        "package-term-over",
                        "package " + packageId + " has expired, and the renewal names a term that is over");
            }
            List<InstanceEvent> events = new ArrayList<>();
            events.add(new PackageRenewed(state.instanceId(), packageId, command.orderId(), command.renewedAt()));
            if (endsFreeze) {
                events.add(new PackageUnfrozen(state.instanceId(), packageId, command.renewedAt()));
            }
            return new Decision.Done(List.copyOf(events));
        });
    }

    /** V2.0 has no call that expires: a freeze is the expiry, of a package as of an instance (koogallery.md, 4.1 and 4.4). */
    private static boolean endsFreeze(Balance balance, RenewPackage command, SellerPolicy policy) {
        return command.mayEndFreeze()
                && command.termRuns()
                && policy.freezeAtRenewal() == FreezeAtRenewal.ENDS
                && balance.life().isStopped(Stop.FROZEN);
    }

    /** What was drawn is billed, and no marketplace takes that back. */
    static Decision decide(InstanceState state, WithdrawPackage command) {
        return ofLiving(
                state,
                command,
                balance -> balance.used().signum() == 0
                        ? done(new PackageWithdrawn(
                                state.instanceId(),
                                balance.packageInstanceId(),
                                balance.contained(),
                                command.by(),
                                command.withdrawnAt()))
                        : new Decision.Refused(
                                "package-drawn",
                                balance.used().toPlainString() + " of package " + balance.packageInstanceId()
                                        + " were drawn for instance " + state.instanceId()
                                        + " already, and what is billed cannot be taken back. Settle that with the buyer; what is"
                                        + " left can only be released in the marketplace's console, and bought anew"));
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

    /** Of one that has not ended. */
    private static Decision ofLiving(InstanceState state, AboutPackage command, Function<Balance, Decision> decision) {
        Optional<Balance> known = find(state, command);
        if (known.isEmpty()) {
            return noSuchPackage(state, command);
        }
        Balance balance = known.get();
        return balance.life().isReleased()
                ? new Decision.Refused("package-released", "package " + balance.packageInstanceId() + " has ended")
                : decision.apply(balance);
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
