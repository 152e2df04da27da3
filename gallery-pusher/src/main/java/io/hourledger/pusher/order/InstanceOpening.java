package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.OrderLine;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.pusher.order.DeferredChange.Kind;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import io.hourledger.pusher.order.RequestedInstances.State;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Opens what the marketplace asked for. Its call carries ids only, so buyer and product come from the order; what that cannot tell for
 * sure is held for a person instead of guessed. What the marketplace said of it before it was open is done in the same transaction. Opening again opens nothing new.
 */
public final class InstanceOpening {

    private static final Logger LOG = LoggerFactory.getLogger(InstanceOpening.class);

    /** Debug orders name no customer. */
    static final String NO_BUYER = "unknown";

    private final RequestedInstances requests;
    private final DeferredChanges deferred;
    private final OrderedProducts products;
    private final ChangeTargets targets;
    private final BuyerInstances buyers;
    private final PackageOpening packages;
    private final Ledger ledger;
    private final TransactionTemplate transaction;

    InstanceOpening(
            RequestedInstances requests,
            DeferredChanges deferred,
            OrderedProducts products,
            ChangeTargets targets,
            BuyerInstances buyers,
            PackageOpening packages,
            Ledger ledger,
            TransactionTemplate transaction) {
        this.requests = requests;
        this.deferred = deferred;
        this.products = products;
        this.targets = targets;
        this.buyers = buyers;
        this.packages = packages;
        this.ledger = ledger;
        this.transaction = transaction;
    }

    /** Who or what an opening waits for. */
    public enum AwaitedFrom {
        /** It does not answer now, so another order of the same account would wait as well. */
        QUERY_ORDER,
        /** Something else that comes by itself, such as the instance that a package is for. */
        ANOTHER_CALL,
        PERSON
    }

    /** How far an opening got. */
    public sealed interface Outcome {

        record Open(String instanceId) implements Outcome {}

        /** It will be tried again, by itself or after a person has looked; the marketplace is told to ask again. */
        record Pending(String instanceId, String why, AwaitedFrom awaited) implements Outcome {}

        /** It was released before it was opened, and stays so. */
        record GivenBack() implements Outcome {}

        /** The call makes no sense. */
        record Nonsense(String why) implements Outcome {}

        /** It is for debugging, and what it asks for was opened for real; or the other way round. A person must look. */
        record TestFlagDiffers(String why) implements Outcome {}
    }

    /** Opens it, or says how far it got. */
    public Outcome open(Requested requested) {
        if (requested.state() == State.OPEN) {
            return new Outcome.Open(requested.instanceId());
        }
        if (requested.state() == State.RELEASED) {
            return new Outcome.GivenBack();
        }
        OrderedProducts.Answer answer = products.find(new OrderedProducts.Question(
                requested.account(),
                requested.test(),
                requested.instanceId(),
                requested.orderId(),
                requested.orderLineId(),
                requested.productHint(),
                new OrderedProducts.Purpose.Opening()));
        return switch (answer) {
            case OrderedProducts.Answer.Found found -> withItsChanges(requested, found);
            case OrderedProducts.Answer.FoundPackage found -> aPackage(requested, found);
            case OrderedProducts.Answer.NotOnTheLine nonsense -> new Outcome.Nonsense(nonsense.why());
            case OrderedProducts.Answer.Held(String why, boolean isPackage) -> {
                rememberPackage(requested, isPackage);
                yield held(requested, why);
            }
            case OrderedProducts.Answer.NotNow(String why, boolean isPackage) -> {
                rememberPackage(requested, isPackage);
                yield waits(requested, why, AwaitedFrom.QUERY_ORDER);
            }
        };
    }

    /** Opens it at a later try than its call's. What makes no sense is held for a person, since nobody is there to be told so. */
    public Outcome openLater(Requested requested) {
        Outcome outcome = open(requested);
        if (outcome instanceof Outcome.Nonsense(String why)) {
            var unused = held(requested, why);
        }
        return outcome;
    }

    /** Somebody is called while one waits, whatever it waits for. */
    private void rememberPackage(Requested requested, boolean isPackage) {
        if (isPackage) {
            requests.isPackage(requested);
        }
    }

    private Outcome aPackage(Requested requested, OrderedProducts.Answer.FoundPackage found) {
        return switch (packages.open(requested, found)) {
            case PackageOpening.Result.Added(String packageInstanceId) -> new Outcome.Open(packageInstanceId);
            case PackageOpening.Result.GivenBack _ -> new Outcome.GivenBack();
            case PackageOpening.Result.TestFlagDiffers(String why) -> {
                rememberPackage(requested, true);
                yield ofTheOtherKind(requested, why);
            }
            case PackageOpening.Result.Unclear(String why) -> {
                rememberPackage(requested, true);
                yield held(requested, why);
            }
            case PackageOpening.Result.NotYet(String why) -> {
                rememberPackage(requested, true);
                yield waits(requested, why, AwaitedFrom.ANOTHER_CALL);
            }
        };
    }

    /** Looks up the products that changes lead to which came meanwhile, since no transaction waits for the marketplace. */
    private Outcome withItsChanges(Requested requested, OrderedProducts.Answer.Found found) {
        Map<DeferredChange, ChangeTargets.Target.Known> known = new HashMap<>();
        ChangeTargets.Changing changing = new ChangeTargets.Changing(
                requested.account(),
                new InstanceId(requested.instanceId()),
                found.product().meter(),
                requested.test());
        for (DeferredChange change : deferred.of(requested.instanceId())) {
            switch (targets.of(changing, change)) {
                case ChangeTargets.Target.Known target -> known.put(change, target);
                case ChangeTargets.Target.NotNow(String why) -> {
                    return waits(requested, "its " + named(change) + ": " + why, AwaitedFrom.QUERY_ORDER);
                }
                case ChangeTargets.Target.Held(String why) -> {
                    return held(
                            requested,
                            "its " + named(change) + " by order " + change.orderId() + " cannot be done: " + why);
                }
            }
        }
        Attempt attempt = Objects.requireNonNull(transaction.execute(tx -> {
            Attempt inside = openAndChange(requested, found, known);
            if (!inside.stored()) {
                tx.setRollbackOnly();
            }
            return inside;
        }));
        if (attempt.outcome() instanceof Outcome.TestFlagDiffers(String why)) {
            return ofTheOtherKind(requested, why);
        }
        return attempt.reviewBecause() == null ? attempt.outcome() : held(requested, attempt.reviewBecause());
    }

    /**
     * What a transaction came to.
     *
     * @param stored whether what it did holds
     * @param reviewBecause why a person must look; null if nobody must
     */
    private record Attempt(Outcome outcome, boolean stored, @Nullable String reviewBecause) {

        static Attempt done(Outcome outcome) {
            return new Attempt(outcome, true, null);
        }

        static Attempt undone(Outcome outcome) {
            return new Attempt(outcome, false, null);
        }

        static Attempt held(Requested requested, String why) {
            return new Attempt(new Outcome.Pending(requested.instanceId(), why, AwaitedFrom.PERSON), false, why);
        }
    }

    private Attempt openAndChange(
            Requested requested,
            OrderedProducts.Answer.Found found,
            Map<DeferredChange, ChangeTargets.Target.Known> known) {
        Product product = found.product();
        String item = product.chargingMode() == ChargingMode.ON_DEMAND ? product.productId() : requested.orderLineId();
        State state = requests.lock(requested);
        if (state == State.RELEASED) {
            return Attempt.done(new Outcome.GivenBack());
        }
        OrderItems.Claimed claimed = requests.items().claim(requested, item);
        String instanceId = claimed.instanceId();
        if (claimed.test() != requested.test()) {
            return Attempt.undone(new Outcome.TestFlagDiffers(
                    testFlagDiffers(requested, "instance " + instanceId + " of this order")));
        }
        if (state == State.OPEN) {
            return Attempt.done(new Outcome.Open(instanceId));
        }
        if (requested.orderLineId().equals(OrdersInCalls.NO_LINE)
                && requests.isOpenAsAnotherProduct(requested, instanceId)) {
            return Attempt.held(requested, "instance " + instanceId + " of this order is another product's");
        }
        String buyer = Objects.requireNonNullElse(found.order().buyerId(), NO_BUYER);
        Decision decision = ledger.handle(new OpenInstance(
                new InstanceId(instanceId),
                new OrderLine(requested.orderId(), requested.orderLineId(), requested.account()),
                product,
                buyer,
                requested.test(),
                requested.firstCalledAt(),
                null));
        boolean another = !instanceId.equals(requested.instanceId());
        if (!(decision instanceof Decision.Done || decision instanceof Decision.AlreadyDone || another)) {
            return Attempt.undone(new Outcome.Nonsense("the ledger does not open it: " + decision));
        }
        for (DeferredChange change : deferred.of(requested.instanceId())) {
            ChangeTargets.Target.Known target = known.get(change);
            if (target == null && change.leadsToAProduct()) {
                return Attempt.undone(new Outcome.Pending(
                        requested.instanceId(), "a change came just now", AwaitedFrom.ANOTHER_CALL));
            }
            Decision changed =
                    ledger.handle(change.command(new InstanceId(instanceId), target == null ? null : target.product()));
            if (changed instanceof Decision.Refused refused) {
                return Attempt.held(
                        requested,
                        "what came before it was open cannot be done (" + change.named() + "): " + refused.detail());
            }
        }
        deferred.applied(requested.instanceId());
        buyers.opened(requested, instanceId, buyer, product.meter());
        requests.opened(requested, instanceId);
        LOG.atInfo()
                .addKeyValue("instance", instanceId)
                .addKeyValue("order", requested.orderId())
                .addKeyValue("product", product.productId())
                .addKeyValue("test", requested.test())
                .log("instance opened");
        return Attempt.done(new Outcome.Open(instanceId));
    }

    /** Its usage would be billed and must not be, or the other way round. */
    static String testFlagDiffers(Requested requested, String what) {
        return what + " was opened by a " + (requested.test() ? "real" : "debugging") + " call, and this call is "
                + (requested.test() ? "debugging" : "real");
    }

    /** It stays in a person's list, and the marketplace is not told to ask for it. */
    private Outcome ofTheOtherKind(Requested requested, String why) {
        var unused = held(requested, why);
        return new Outcome.TestFlagDiffers(why);
    }

    private static String named(DeferredChange change) {
        return change.kind() == Kind.UPGRADE ? "upgrade" : "renewal";
    }

    private Outcome waits(Requested requested, String why, AwaitedFrom awaited) {
        if (requests.waiting(requested, why)) {
            LOG.atWarn()
                    .addKeyValue("order", requested.orderId())
                    .addKeyValue("why", why)
                    .log("the instance waits");
        }
        return new Outcome.Pending(requested.instanceId(), why, awaited);
    }

    private Outcome held(Requested requested, String why) {
        if (requests.held(requested, why)) {
            LOG.atError()
                    .addKeyValue("order", requested.orderId())
                    .addKeyValue("orderLine", requested.orderLineId())
                    .addKeyValue("instance", requested.instanceId())
                    .addKeyValue("why", why)
                    .log("an instance is held and not opened, a person must look");
        }
        return new Outcome.Pending(requested.instanceId(), why, AwaitedFrom.PERSON);
    }
}
