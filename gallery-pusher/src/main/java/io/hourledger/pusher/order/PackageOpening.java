package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.AddPackage;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.pusher.order.OrderItems.Claimed;
import io.hourledger.pusher.order.PackagePlacement.Place;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Adds ordered packages that stop when they are used up to the pay-per-use instances that they are for. Each has an instance id of its own,
 * by which the marketplace speaks of it. Opening again adds nothing new.
 */
final class PackageOpening {

    private static final Logger LOG = LoggerFactory.getLogger(PackageOpening.class);

    private final RequestedInstances requests;
    private final DeferredChanges deferred;
    private final PackageInstances packages;
    private final PackagePlacement placement;
    private final Ledger ledger;
    private final TransactionTemplate transaction;

    PackageOpening(
            RequestedInstances requests,
            DeferredChanges deferred,
            PackageInstances packages,
            PackagePlacement placement,
            Ledger ledger,
            TransactionTemplate transaction) {
        this.requests = requests;
        this.deferred = deferred;
        this.packages = packages;
        this.placement = placement;
        this.ledger = ledger;
        this.transaction = transaction;
    }

    /** How far it got. */
    sealed interface Result {

        record Added(String packageInstanceId) implements Result {}

        /** It was released before it was opened. */
        record GivenBack() implements Result {}

        /** One of this call and the one that opened it is for debugging, and the other is not. */
        record TestFlagDiffers(String why) implements Result {}

        /** A person must say. */
        record Unclear(String why) implements Result {}

        /** Ask again later. */
        record NotYet(String why) implements Result {}
    }

    /** Adds the package if it is sure what it is for. */
    Result open(Requested requested, OrderedProducts.Answer.FoundPackage found) {
        return switch (placement.find(requested, found)) {
            case Place.Found(List<PackageItem> items) -> add(requested, items, null);
            case Place.Unclear(String why) -> new Result.Unclear(why);
            case Place.NotYet(String why) -> new Result.NotYet(why);
        };
    }

    /**
     * Adds the package to the instances that its items are for.
     *
     * @param decidedBy who named them; null if only one fitted
     */
    Result add(Requested requested, List<PackageItem> items, @Nullable DecidedBy decidedBy) {
        return Objects.requireNonNull(transaction.execute(tx -> {
            Result result = addNow(requested, items, decidedBy);
            if (result instanceof Result.Unclear || result instanceof Result.TestFlagDiffers) {
                tx.setRollbackOnly();
            }
            return result;
        }));
    }

    private Result addNow(Requested requested, List<PackageItem> items, @Nullable DecidedBy decidedBy) {
        String packageId = requested.instanceId();
        switch (requests.lock(requested)) {
            case RELEASED -> {
                return new Result.GivenBack();
            }
            case OPEN -> {
                return new Result.Added(packageId);
            }
            case WAITING, NEEDS_REVIEW -> {
                // it is opened now
            }
        }
        if (packages.isOfAnotherLine(packageId, requested)) {
            return new Result.Unclear("the instance id is that of another order line's package");
        }
        for (PackageItem item : items) {
            Claimed claimed = packages.claim(requested, item, decidedBy);
            if (claimed.test() != requested.test()) {
                return new Result.TestFlagDiffers(InstanceOpening.testFlagDiffers(
                        requested, "package " + claimed.instanceId() + " of this order line"));
            }
            if (!claimed.instanceId().equals(packageId)) {
                return openedBefore(requested, items, claimed.instanceId());
            }
            Optional<String> refused =
                    refusal(new AddPackage(item.instanceId(), packageId, item.amount(), requested.firstCalledAt()));
            if (refused.isPresent()) {
                return new Result.Unclear(refused.get());
            }
        }
        Optional<String> undone = applyDeferred(packageId, items);
        if (undone.isPresent()) {
            return new Result.Unclear(undone.get());
        }
        deferred.applied(packageId);
        requests.opened(requested, packageId);
        LOG.atInfo()
                .addKeyValue("package", packageId)
                .addKeyValue("order", requested.orderId())
                .addKeyValue("items", items)
                .addKeyValue("test", requested.test())
                .log("package added");
        return new Result.Added(packageId);
    }

    /** Another call for the same item was first. */
    private Result openedBefore(Requested requested, List<PackageItem> items, String claimed) {
        if (items.size() > 1) {
            return new Result.Unclear("an item of the package was opened as " + claimed + " already");
        }
        requests.opened(requested, claimed);
        return new Result.Added(claimed);
    }

    /** Why what came before the package was open cannot be done; empty if it was done. */
    private Optional<String> applyDeferred(String packageId, List<PackageItem> items) {
        for (DeferredChange change : deferred.of(packageId)) {
            if (change.kind() == DeferredChange.Kind.RENEW) {
                // it was answered as done, and nothing of what a package holds follows from it
                LOG.atError()
                        .addKeyValue("package", packageId)
                        .addKeyValue("expiresAt", change.expiresAt())
                        .log("a package was renewed before it was open, and is not filled again; a person must look");
            }
            for (PackageItem item : items) {
                Optional<InstanceCommand> command = change.packageCommand(item.instanceId(), packageId);
                Optional<String> refused = command.isEmpty()
                        ? Optional.of("a package is not upgraded")
                        : refusal(command.get()).filter(why -> change.kind() != DeferredChange.Kind.RENEW);
                if (refused.isPresent()) {
                    return Optional.of(
                            "what came before it was open cannot be done (" + change.named() + "): " + refused.get());
                }
            }
        }
        return Optional.empty();
    }

    private Optional<String> refusal(InstanceCommand command) {
        return switch (ledger.handle(command)) {
            case Decision.Done _, Decision.AlreadyDone _ -> Optional.empty();
            case Decision.Refused(String _, String detail) -> Optional.of(detail);
            case Decision.UnknownInstance _ ->
                Optional.of("there is no instance " + command.instanceId().value());
        };
    }
}
