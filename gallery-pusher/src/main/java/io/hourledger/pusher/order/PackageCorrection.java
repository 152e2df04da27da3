package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.AddPackage;
import io.hourledger.contracts.instance.InstanceCommand.ExpirePackage;
import io.hourledger.contracts.instance.InstanceCommand.FreezePackage;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezePackage;
import io.hourledger.contracts.instance.InstanceCommand.WithdrawPackage;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.PackageLife;
import io.hourledger.ledger.instance.PackageLife.Span;
import io.hourledger.ledger.instance.PackageLife.Stop;
import io.hourledger.ledger.instance.Packages.Balance;
import io.hourledger.pusher.order.PackageInstances.Served;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Moves an open package to the instance that it is for, if a person says that it is not where it belongs. The ledger allows it while nothing was
 * drawn from it; who and why stand in the ledger's event.
 */
final class PackageCorrection {

    private static final Logger LOG = LoggerFactory.getLogger(PackageCorrection.class);

    private final RequestedInstances requests;
    private final PackageInstances packages;
    private final Ledger ledger;
    private final LedgerQueries queries;
    private final TransactionTemplate transaction;
    private final Clock businessTime;

    PackageCorrection(
            RequestedInstances requests,
            PackageInstances packages,
            Ledger ledger,
            LedgerQueries queries,
            TransactionTemplate transaction,
            Clock businessTime) {
        this.requests = requests;
        this.packages = packages;
        this.ledger = ledger;
        this.queries = queries;
        this.transaction = transaction;
        this.businessTime = businessTime;
    }

    /**
     * Moves all items or none.
     *
     * @param items each item of the package, with the instance that it is for
     * @return why it cannot be done; empty if each is where it belongs now
     */
    Optional<String> move(Requested requested, List<PackageItem> items, DecidedBy by) {
        return Objects.requireNonNull(transaction.execute(tx -> {
            var unused = requests.lock(requested);
            Map<String, Served> now = packages.of(List.of(requested.instanceId())).stream()
                    .collect(Collectors.toMap(Served::productId, Function.identity()));
            for (PackageItem item : items) {
                Served served = now.get(item.productId());
                Optional<String> refused = served == null
                        ? Optional.of("the package has no item " + item.productId())
                        : move(served, item, by);
                if (refused.isPresent()) {
                    tx.setRollbackOnly();
                    return refused;
                }
            }
            return Optional.<String>empty();
        }));
    }

    private Optional<String> move(Served served, PackageItem item, DecidedBy by) {
        if (served.instanceId().equals(item.instanceId())) {
            return Optional.empty();
        }
        Optional<Balance> balance = queries.instance(served.instanceId())
                .flatMap(instance -> instance.packages().find(served.packageInstanceId()));
        if (balance.isEmpty()) {
            return Optional.of("the ledger no longer remembers the package, since it was used up long ago");
        }
        List<InstanceCommand> commands = new ArrayList<>();
        commands.add(new WithdrawPackage(served.instanceId(), served.packageInstanceId(), by, businessTime.instant()));
        commands.addAll(again(served.packageInstanceId(), item, balance.get().life()));
        for (InstanceCommand command : commands) {
            if (ledger.handle(command) instanceof Decision.Refused(String _, String detail)) {
                return Optional.of(detail);
            }
        }
        packages.move(served.packageInstanceId(), item.productId(), item.instanceId(), by);
        LOG.atInfo()
                .addKeyValue("package", served.packageInstanceId())
                .addKeyValue("from", served.instanceId().value())
                .addKeyValue("to", item.instanceId().value())
                .addKeyValue("who", by.who())
                .log("package moved");
        return Optional.empty();
    }

    /** It covers there what it covered here: from its opening on, but for the times in which it was frozen or had expired. */
    private static List<InstanceCommand> again(String packageId, PackageItem item, PackageLife life) {
        InstanceId to = item.instanceId();
        List<InstanceCommand> commands = new ArrayList<>();
        commands.add(new AddPackage(to, packageId, item.amount(), life.openedAt()));
        Instant covered = life.openedAt();
        for (Span span : life.drawable()) {
            if (span.from().isAfter(covered)) {
                commands.add(new FreezePackage(to, packageId, covered));
                commands.add(new UnfreezePackage(to, packageId, span.from()));
            }
            covered = span.to() == null ? span.from() : span.to();
        }
        for (Stop stop : life.stops()) {
            commands.add(
                    switch (stop) {
                        case FROZEN -> new FreezePackage(to, packageId, covered);
                        case EXPIRED -> new ExpirePackage(to, packageId, covered);
                    });
        }
        return commands;
    }
}
