package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.order.OrderedProducts.Purpose;
import io.hourledger.pusher.order.OrderedProducts.Question;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import io.hourledger.pusher.order.RequestedInstances.State;
import io.hourledger.pusher.order.UndoneChanges.UndoneChange;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes a person's word for which product of an order line is meant: of an order that is not open yet, of a change that holds up its opening, or of
 * a change of an open instance that was not done. A person may also say that a change will not be done.
 */
public final class ProductResolution {

    private final RequestedInstances requests;
    private final DeferredChanges deferred;
    private final UndoneChanges undone;
    private final OrderedProducts products;
    private final NamedProducts named;
    private final InstanceOpening opening;
    private final LedgerQueries queries;
    private final Clock businessTime;

    ProductResolution(
            RequestedInstances requests,
            DeferredChanges deferred,
            UndoneChanges undone,
            OrderedProducts products,
            NamedProducts named,
            InstanceOpening opening,
            LedgerQueries queries,
            Clock businessTime) {
        this.requests = requests;
        this.deferred = deferred;
        this.undone = undone;
        this.products = products;
        this.named = named;
        this.opening = opening;
        this.queries = queries;
        this.businessTime = businessTime;
    }

    /** What came of it. */
    public sealed interface Outcome {

        record Opened(String instanceId) implements Outcome {}

        /** The word is kept, and it is not open yet. It is tried again by itself. */
        record Waits(String why) implements Outcome {}

        /** The word is kept, and the marketplace must be told to call again; it takes the change as failed. */
        record CallAgain(String orderId) implements Outcome {}

        /** Nothing with this id waits. */
        record NotWaiting(String why) implements Outcome {}

        /** Nothing was done. */
        record Impossible(String why) implements Outcome {}
    }

    /**
     * Names the product.
     *
     * @param orderId the order of the change; null if it is the opening that waits, or only one change waits for a person
     */
    public Outcome resolve(String instanceId, String productId, @Nullable String orderId, DecidedBy by) {
        Optional<Requested> unopened = requests.ofInstance(instanceId)
                .filter(one -> one.state() == State.WAITING || one.state() == State.NEEDS_REVIEW);
        if (unopened.isEmpty()) {
            return change(instanceId, productId, orderId, by);
        }
        return orderId == null || orderId.equals(unopened.get().orderId())
                ? unopened(unopened.get(), productId, by)
                : beforeOpening(unopened.get(), productId, orderId, by);
    }

    /** A person says that a change will not be done, for example since its order was refunded. False if none of this order waits. */
    public boolean dismiss(String instanceId, String orderId, DecidedBy by) {
        boolean wasDeferred = deferred.dismiss(instanceId, orderId, by);
        return undone.dismiss(instanceId, orderId, by) || wasDeferred;
    }

    private Outcome unopened(Requested requested, String productId, DecidedBy by) {
        if (!requested.productHint().isEmpty() && !requested.productHint().equals(productId)) {
            return new Outcome.Impossible("the call itself names product " + requested.productHint());
        }
        Question question = opening(requested);
        return switch (products.find(question, () -> Optional.of(productId))) {
            case OrderedProducts.Answer.FoundPackage _ ->
                new Outcome.Impossible("product " + productId + " is a package: say which instance it is for, too");
            case OrderedProducts.Answer.Found found
            when !found.product().productId().equals(productId) ->
                new Outcome.Impossible("the order line is clear: " + found.why());
            case OrderedProducts.Answer.Found _ -> {
                named.keep(question, productId, by, businessTime.instant());
                yield opened(requested);
            }
            case OrderedProducts.Answer.NotNow notNow -> new Outcome.Impossible(notNow.why());
            case OrderedProducts.Answer.Held held -> new Outcome.Impossible(held.why());
            case OrderedProducts.Answer.NotOnTheLine nonsense -> new Outcome.Impossible(nonsense.why());
        };
    }

    private static Question opening(Requested requested) {
        return new Question(
                requested.account(),
                requested.test(),
                requested.instanceId(),
                requested.orderId(),
                requested.orderLineId(),
                requested.productHint(),
                new Purpose.Opening());
    }

    private Outcome opened(Requested requested) {
        return switch (opening.open(requested)) {
            case InstanceOpening.Outcome.Open(String instanceId) -> new Outcome.Opened(instanceId);
            case InstanceOpening.Outcome.Pending(String _, String why, InstanceOpening.AwaitedFrom _) ->
                new Outcome.Waits(why);
            case InstanceOpening.Outcome.GivenBack _ ->
                new Outcome.NotWaiting("the order was released before it was opened");
            case InstanceOpening.Outcome.Nonsense(String why) -> new Outcome.Waits(why);
            case InstanceOpening.Outcome.TestFlagDiffers(String why) -> new Outcome.Impossible(why);
        };
    }

    private Outcome change(String instanceId, String productId, @Nullable String orderId, DecidedBy by) {
        List<UndoneChange> waiting = undone.of(instanceId).stream()
                .filter(one -> orderId == null || one.orderId().equals(orderId))
                .toList();
        Optional<InstanceView> instance = queries.instance(new InstanceId(instanceId));
        if (waiting.isEmpty() || instance.isEmpty()) {
            return new Outcome.NotWaiting("neither the opening nor a change of instance " + instanceId + " waits");
        }
        if (waiting.size() > 1) {
            return new Outcome.Impossible("changes by " + waiting.size() + " orders wait: say which is meant");
        }
        String account = instance.get().origin().order().account();
        if (account == null) {
            return new Outcome.Impossible("instance " + instanceId
                    + " was opened without a marketplace, so no order changes it; dismiss the change");
        }
        UndoneChange change = waiting.getFirst();
        if (change.orderLineId().equals(OrdersInCalls.NO_LINE)) {
            return new Outcome.Impossible("the call itself names its product: " + change.reason());
        }
        Question question = new Question(
                account,
                instance.get().origin().test(),
                instanceId,
                change.orderId(),
                change.orderLineId(),
                "",
                new Purpose.Change(instance.get().origin().product().meter()));
        return keep(question, productId, by, () -> new Outcome.CallAgain(change.orderId()));
    }

    /** Of a change that came before the opening, which does it. */
    private Outcome beforeOpening(Requested requested, String productId, String orderId, DecidedBy by) {
        Optional<DeferredChange> waiting = deferred.of(requested.instanceId()).stream()
                .filter(change -> orderId.equals(change.orderId()))
                .findFirst();
        if (waiting.isEmpty()) {
            return new Outcome.NotWaiting(
                    "no change of instance " + requested.instanceId() + " by order " + orderId + " waits");
        }
        String orderLineId = waiting.get().orderLineId();
        if (orderLineId == null || orderLineId.equals(OrdersInCalls.NO_LINE)) {
            return new Outcome.Impossible(
                    "the call itself names its product; dismiss the change if it will not be done");
        }
        OrderedProducts.Answer opened = products.find(opening(requested));
        if (opened instanceof OrderedProducts.Answer.FoundPackage) {
            return new Outcome.Impossible("a package is not upgraded; dismiss the change if it will not be done");
        }
        if (!(opened instanceof OrderedProducts.Answer.Found found)) {
            return new Outcome.Impossible("it is not clear yet what is opened: " + opened.why());
        }
        Question question = new Question(
                requested.account(),
                requested.test(),
                requested.instanceId(),
                orderId,
                orderLineId,
                Objects.requireNonNullElse(waiting.get().productId(), ""),
                new Purpose.Change(found.product().meter()));
        return keep(question, productId, by, () -> opened(requested));
    }

    /**
     * Keeps the word if the line of the change needs it.
     *
     * @param next what follows once it is kept
     */
    private Outcome keep(Question question, String productId, DecidedBy by, Supplier<Outcome> next) {
        return switch (products.find(question, () -> Optional.of(productId))) {
            case OrderedProducts.Answer.Found found
            when found.product().productId().equals(productId) -> {
                named.keep(question, productId, by, businessTime.instant());
                yield next.get();
            }
            case OrderedProducts.Answer.FoundPackage _ ->
                new Outcome.Impossible("product " + productId + " is a package, and no instance goes on as one");
            case OrderedProducts.Answer.Found found ->
                new Outcome.Impossible("the order line is clear: " + found.why());
            case OrderedProducts.Answer.NotNow notNow -> new Outcome.Impossible(notNow.why());
            case OrderedProducts.Answer.Held held -> new Outcome.Impossible(held.why());
            case OrderedProducts.Answer.NotOnTheLine nonsense -> new Outcome.Impossible(nonsense.why());
        };
    }
}
