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
     * Moves all items or none. Each is withdrawn before any is added: an instance has a package once, so an item that comes would be taken for
     * the one that has not left yet.
     *
     * @param items each item of the package, with the instance that it is for
     * @return why it cannot be done; empty if each is where it belongs now
     */
    Optional<String> move(Requested requested, List<PackageItem> items, DecidedBy by) {
        return Objects.requireNonNull(transaction.execute(tx -> {
            var unused = requests.lock(requested);
            Optional<String> refused = moveNow(requested.instanceId(), items, by);
            if (refused.isPresent()) {
                tx.setRollbackOnly();
            }
            return refused;
        }));
    }

    private Optional<String> moveNow(String packageId, List<PackageItem> items, DecidedBy by) {
        Map<String, Served> now = packages.of(List.of(packageId)).stream()
                .collect(Collectors.toMap(Served::productId, Function.identity()));
        Optional<String> notSaid =
                NamedItems.mistakeIn(items.stream().map(PackageItem::productId).toList(), now.keySet());
        if (notSaid.isPresent()) {
            return notSaid;
        }
        List<Move> moves = new ArrayList<>();
        for (PackageItem item : items) {
            Served served = Objects.requireNonNull(now.get(item.productId()));
            Optional<Balance> balance = queries.instance(served.instanceId())
                    .flatMap(instance -> instance.packages().find(packageId));
            if (balance.isEmpty()) {
                return Optional.of("the ledger no longer remembers the package, since it was used up long ago");
            }
            if (!served.instanceId().equals(item.instanceId())) {
                moves.add(new Move(served, item, balance.get().life()));
            } else if (balance.get().contained().compareTo(item.amount()) != 0) {
                return Optional.of("package " + packageId + " is at instance "
                        + item.instanceId().value() + " already, and contains "
                        + balance.get().contained().toPlainString() + " and not "
                        + item.amount().toPlainString() + "; what an open package contains is not changed");
            }
        }
        for (Move move : moves) {
            Optional<String> refused =
                    refusal(new WithdrawPackage(move.from().instanceId(), packageId, by, businessTime.instant()));
            if (refused.isPresent()) {
                return refused;
            }
        }
        for (Move move : moves) {
            Optional<String> refused = add(packageId, move);
            if (refused.isPresent()) {
                return refused;
            }
            packages.move(packageId, move.to().productId(), move.to().instanceId(), by);
            LOG.atInfo()
                    .addKeyValue("package", packageId)
                    .addKeyValue("from", move.from().instanceId().value())
                    .addKeyValue("to", move.to().instanceId().value())
                    .addKeyValue("who", by.who())
                    .log("package moved");
        }
        return Optional.empty();
    }

    /**
     * An item that goes to another instance.
     *
     * @param life what it covered where it was
     */
    private record Move(Served from, PackageItem to, PackageLife life) {}

    /** Why it cannot be added there, and live as it lived; empty if it was. What is there already is another's, and lives its own life. */
    private Optional<String> add(String packageId, Move move) {
        PackageItem to = move.to();
        AddPackage add = new AddPackage(
                to.instanceId(), packageId, to.amount(), move.life().openedAt());
        switch (ledger.handle(add)) {
            case Decision.Done _ -> {
                // it lives as it lived next
            }
            case Decision.AlreadyDone _ -> {
                return Optional.of("instance " + to.instanceId().value() + " has package " + packageId + " already");
            }
            case Decision.Refused(String _, String detail) -> {
                return Optional.of(detail);
            }
            case Decision.UnknownInstance _ -> {
                return Optional.of("there is no instance " + to.instanceId().value());
            }
        }
        return again(packageId, to.instanceId(), move.life()).stream()
                .map(this::refusal)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<String> refusal(InstanceCommand command) {
        return switch (ledger.handle(command)) {
            case Decision.Done _, Decision.AlreadyDone _ -> Optional.empty();
            case Decision.Refused(String _, String detail) -> Optional.of(detail);
            case Decision.UnknownInstance _ ->
                Optional.of("there is no instance " + command.instanceId().value());
        };
    }

    /** It covers there what it covered here: from its opening on, but for the times in which it was frozen or had expired. */
    private static List<InstanceCommand> again(String packageId, InstanceId to, PackageLife life) {
        List<InstanceCommand> commands = new ArrayList<>();
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
