package io.hourledger.simulator.callback;

import io.hourledger.simulator.callback.CallbackStore.Draft;
import io.hourledger.simulator.http.RequestNotPossibleException;
import io.hourledger.simulator.order.CallbackGeneration;
import io.hourledger.simulator.order.Order;
import io.hourledger.simulator.order.Order.Line;
import io.hourledger.simulator.order.Orders;
import io.hourledger.simulator.settings.RunTimeSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Where buyers place orders and people press the buttons of an instance: keeps what is wanted and the call that tells the seller, together. */
@Component
class OrderPlacement {

    private static final int MOST_AT_ONCE = 1_000;

    private final Orders orders;
    private final Instances instances;
    private final CallbackStore callbacks;
    private final CallbackDispatcher dispatcher;
    private final SellerClient seller;
    private final RunTimeSettings runTime;
    private final TransactionTemplate transaction;
    private final Clock machine = Clock.systemUTC();

    OrderPlacement(
            Orders orders,
            Instances instances,
            CallbackStore callbacks,
            CallbackDispatcher dispatcher,
            SellerClient seller,
            RunTimeSettings runTime,
            TransactionTemplate transaction) {
        this.orders = orders;
        this.instances = instances;
        this.callbacks = callbacks;
        this.dispatcher = dispatcher;
        this.seller = seller;
        this.runTime = runTime;
        this.transaction = transaction;
    }

    /** Places the orders that are not there yet; each new line is opened by a call to the seller. */
    void place(List<Order> placed, boolean derivedIds) {
        for (int from = 0; from < placed.size(); from += MOST_AT_ONCE) {
            List<Order> chunk = placed.subList(from, Math.min(placed.size(), from + MOST_AT_ONCE));
            transaction.executeWithoutResult(status -> placeChunk(chunk, derivedIds));
        }
        dispatcher.wake();
    }

    private void placeChunk(List<Order> chunk, boolean derivedIds) {
        Set<String> fresh = orders.keep(chunk);
        List<Draft> drafts = new ArrayList<>();
        for (Order order : chunk) {
            if (fresh.contains(order.orderId()) && order.opensInstances()) {
                for (Line line : order.lines()) {
                    drafts.add(new Draft(
                            order.generation(),
                            Activity.NEW_INSTANCE,
                            line.orderLineId(),
                            order.orderId(),
                            null,
                            order.generation() == CallbackGeneration.FIRST
                                    ? FirstGenerationForm.ordered(order, line)
                                    : Map.of(),
                            derivedIds,
                            order.test()));
                }
            }
        }
        if (!drafts.isEmpty()) {
            callbacks.add(drafts, machine.instant());
        }
    }

    /** The calls of these lines, after waiting for them. */
    List<Callback> openings(List<String> orderLineIds, Duration wait) {
        List<Callback> openings = openingsNow(orderLineIds);
        if (wait.isZero()) {
            return openings;
        }
        dispatcher.await(openings.stream().map(Callback::callbackId).toList(), wait);
        return openingsNow(orderLineIds);
    }

    private List<Callback> openingsNow(List<String> orderLineIds) {
        return callbacks.ofLines(orderLineIds).stream()
                .filter(callback -> callback.activity() == Activity.NEW_INSTANCE)
                .toList();
    }

    /**
     * Tells the seller about an instance.
     *
     * @param order an order that belongs to the call and is to be placed first, such as a renewal; its one line is named in the call
     * @throws RequestNotPossibleException if the instance was sold in a generation that has no such call
     */
    Optional<Callback> tell(
            String instanceId, Activity activity, Map<String, Object> fields, @Nullable Order order, Duration wait) {
        Optional<Instances.Instance> found = instances.find(instanceId);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Instances.Instance instance = found.get();
        CallbackGeneration generation = generation(instance);
        if (activity.word(generation).isEmpty()) {
            throw new RequestNotPossibleException(
                    HttpStatus.CONFLICT, "no-such-call", "callbacks V" + generation.number() + ".0 have no such call");
        }
        Map<String, Object> body = new LinkedHashMap<>(fields);
        body.put("instanceId", instanceId);
        if (order != null) {
            body.put("orderId", order.orderId());
            body.put("orderLineId", order.lines().get(0).orderLineId());
            if (activity == Activity.UPGRADE_INSTANCE && generation == CallbackGeneration.FIRST) {
                body.putAll(FirstGenerationForm.product(order.lines().get(0)));
            }
        }
        Draft draft = Draft.about(instance, generation, activity, body);
        long callbackId = Objects.requireNonNull(transaction.execute(status -> {
            if (order != null) {
                orders.keep(List.of(order));
            }
            return callbacks.add(List.of(draft), machine.instant()).get(0);
        }));
        dispatcher.wake();
        if (!wait.isZero()) {
            dispatcher.await(List.of(callbackId), wait);
        }
        return callbacks.find(List.of(callbackId)).stream().findAny();
    }

    boolean sendAgain(long callbackId, Duration wait) {
        boolean again = callbacks.sendAgain(callbackId, machine.instant());
        dispatcher.wake();
        if (again && !wait.isZero()) {
            dispatcher.await(List.of(callbackId), wait);
        }
        return again;
    }

    /** Asks the seller about an instance at once. */
    SellerAnswer query(Instances.Instance instance) {
        return runTime.now()
                .callbackUrl()
                .map(url -> seller.call(
                        url,
                        generation(instance),
                        "queryInstance",
                        Map.of("instanceId", instance.instanceId()),
                        instance.test()))
                .orElse(new SellerAnswer.Unusable("no callback URL is set"));
    }

    /** The generation that it was sold in; one that no order asked for is of the second. */
    CallbackGeneration generation(Instances.Instance instance) {
        return orders.find(instance.ordered().orderId()).map(Order::generation).orElse(CallbackGeneration.SECOND);
    }

    /** Waits until no call waits any more, at most so long. */
    void awaitAll(Duration atMost) {
        dispatcher.awaitIdle(atMost);
    }
}
