package io.hourledger.pusher.koogallery.callback;

import static io.hourledger.pusher.koogallery.callback.Callbacks.ID_CHARS;

import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.pusher.koogallery.callback.Call.InvalidCallException;
import io.hourledger.pusher.order.OrdersInCalls;
import io.hourledger.pusher.order.OrdersInCalls.Comparison;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What each V1.0 activity does (koogallery.md, section 4.5): the same as its V2.0 counterpart. V1.0 tells the order in the call, where V2.0
 * lets the seller ask for it.
 */
final class FirstGenerationCalls {

    private static final Logger LOG = LoggerFactory.getLogger(FirstGenerationCalls.class);
    private static final int CUSTOMER_CHARS = 100;
    private static final int AMOUNT_CHARS = 20;

    /** The calls that V1.0 lets say so (koogallery.md, section 4.3). */
    private static final Set<String> KNOW_NO_SUCH_INSTANCE =
            Set.of("refreshInstance", "expireInstance", "releaseInstance");

    private static final String OF_ANOTHER_ACCOUNT = "of another account";

    private final Callbacks callbacks;
    private final LifeCalls life;
    private final OrdersInCalls orders;
    private final Clock businessTime;

    FirstGenerationCalls(Callbacks callbacks, LifeCalls life, OrdersInCalls orders, Clock businessTime) {
        this.callbacks = callbacks;
        this.life = life;
        this.orders = orders;
        this.businessTime = businessTime;
    }

    /**
     * @throws InvalidCallException if it lacks what it needs
     */
    CallbackAnswer answer(Call call) {
        CallbackAnswer answer =
                switch (callbacks.namesAnotherAccountsInstance(call) ? OF_ANOTHER_ACCOUNT : call.activity()) {
                    case OF_ANOTHER_ACCOUNT -> CallbackAnswer.of(ResultCode.NO_SUCH_INSTANCE);
                    case "newInstance" -> newInstance(call);
                    case "queryInstance" -> callbacks.queryInstance(call);
                    case "refreshInstance" -> life.renewOfFirstGeneration(call);
                    case "expireInstance" -> expire(call);
                    case "releaseInstance" -> life.release(call);
                    case "upgrade" -> upgrade(call);
                    case "instanceStatus" -> life.changeStatus(call, "instanceStatus");
                    default -> CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, "no such activity");
                };
        return answer.result() == ResultCode.NO_SUCH_INSTANCE && !KNOW_NO_SUCH_INSTANCE.contains(call.activity())
                ? CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, "the instance does not exist")
                : answer;
    }

    private CallbackAnswer newInstance(Call call) {
        String orderId = call.required("orderId", ID_CHARS);
        String productId = call.required("productId", ID_CHARS);
        String businessId = call.required("businessId", ID_CHARS);
        OrdersInCalls.Item item = new OrdersInCalls.Item(
                productId,
                call.required("customerId", CUSTOMER_CHARS),
                chargingMode(call),
                call.optional("amount", AMOUNT_CHARS).orElse(null));
        boolean goesOn =
                switch (orders.keep(order(call, orderId, call.test()), item, businessTime.instant())) {
                    case AS_BEFORE -> true;
                    case TERMS_DIFFER -> isOpenAnyway(call, orderId, productId);
                    case BUYER_DIFFERS -> false;
                };
        return goesOn
                ? callbacks.open(call, orderId, OrdersInCalls.NO_LINE, productId, businessId)
                : saidOtherwise(orderId, productId);
    }

    private static OrdersInCalls.Order order(Call call, String orderId, boolean test) {
        return new OrdersInCalls.Order(call.sender().account(), orderId, test);
    }

    /** An instance that is open is the buyer's whatever else a repeat says; the amount and the mode of its first call hold. */
    private boolean isOpenAnyway(Call call, String orderId, String productId) {
        if (!callbacks.isOpen(call, orderId, productId)) {
            return false;
        }
        LOG.atWarn()
                .addKeyValue("order", orderId)
                .addKeyValue("product", productId)
                .log("a call tells amount or mode of its order otherwise than the first one did; the first one holds");
        return true;
    }

    /** The order stands in the call here, too, but no order names the instance's buyer again. */
    private CallbackAnswer upgrade(Call call) {
        String orderId = call.required("orderId", ID_CHARS);
        String productId = call.required("productId", ID_CHARS);
        boolean test = call.test() || callbacks.isForDebugging(call.required("instanceId", ID_CHARS));
        OrdersInCalls.Item item = new OrdersInCalls.Item(productId, null, null, null);
        return orders.keep(order(call, orderId, test), item, businessTime.instant()) == Comparison.AS_BEFORE
                ? life.upgrade(call, OrdersInCalls.NO_LINE)
                : saidOtherwise(orderId, productId);
    }

    /** The call names the first order, which adds nothing: the instance tells what expires. */
    private CallbackAnswer expire(Call call) {
        String unused = call.required("orderId", ID_CHARS);
        return life.expire(call);
    }

    private static CallbackAnswer saidOtherwise(String orderId, String productId) {
        LOG.atError()
                .addKeyValue("order", orderId)
                .addKeyValue("product", productId)
                .log("a call says something else of its order than the first one did; the first one holds");
        return CallbackAnswer.of(
                ResultCode.INVALID_PARAMETERS, "an earlier call said something else of order " + orderId);
    }

    /** Which other values there are no page says, so they tell nothing (koogallery.md, section 4.5). */
    private static @Nullable String chargingMode(Call call) {
        Optional<String> told = call.optional("chargingMode", AMOUNT_CHARS);
        return switch (told.orElse("")) {
            case "1" -> ChargingMode.PERIOD.name();
            case "3" -> ChargingMode.ONE_TIME.name();
            default -> null;
        };
    }
}
