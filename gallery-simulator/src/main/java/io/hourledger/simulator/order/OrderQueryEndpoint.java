package io.hourledger.simulator.order;

import io.hourledger.simulator.fault.Fault;
import io.hourledger.simulator.fault.Fault.Target;
import io.hourledger.simulator.fault.Faults;
import io.hourledger.simulator.http.LateAnswers;
import io.hourledger.simulator.settings.SimulatorSettings;
import io.hourledger.simulator.signing.RequestSigning;
import io.hourledger.simulator.usage.CallRate;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.util.Collections;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** Query order, 查询订单 (koogallery.md, section 3): AK/SK signed. */
@RestController
final class OrderQueryEndpoint {

    private final Orders orders;
    private final Faults faults;
    private final LateAnswers late;
    private final RequestSigning signing;
    private final CallRate rate;
    private final Clock business;
    private final Clock machine = Clock.systemUTC();

    OrderQueryEndpoint(SimulatorSettings settings, Orders orders, Faults faults, LateAnswers late, Clock business) {
        this.orders = orders;
        this.faults = faults;
        this.late = late;
        this.business = business;
        this.signing = new RequestSigning(settings.accessKey(), settings.secretKey());
        this.rate = new CallRate(settings::orderQueriesPerSecond, System::nanoTime);
    }

    @GetMapping("/api/mkp-openapi-public/global/v1/order/query")
    DeferredResult<ResponseEntity<byte[]>> query(
            HttpServletRequest request,
            @RequestParam(required = false) @Nullable String orderId,
            @RequestParam(required = false) @Nullable String orderLineId) {
        if (!rate.permits()) {
            return LateAnswers.now(OrderAnswer.gateway(429, "APIGW.0308", "The throttling threshold has been reached"));
        }
        Optional<Fault> fault = faults.nextCall(Target.ORDER);
        if (fault.isPresent()) {
            return misbehave(fault.get(), () -> answer(request, orderId, orderLineId));
        }
        return LateAnswers.now(answer(request, orderId, orderLineId));
    }

    private ResponseEntity<byte[]> answer(
            HttpServletRequest request, @Nullable String orderId, @Nullable String orderLineId) {
        String wrong = signing.whatIsWrong(signed(request), request.getHeader("Authorization"), machine.instant());
        if (!wrong.isEmpty()) {
            return OrderAnswer.gateway(401, "APIGW.0301", wrong);
        }
        if (orderId == null || orderId.isBlank() || orderId.length() > 64) {
            return OrderAnswer.error(400, "MKT.0101", "orderId is required and has at most 64 characters");
        }
        Optional<Order> found = orders.find(orderId)
                .filter(order -> order.generation() == CallbackGeneration.SECOND)
                .or(() -> MockOrders.find(orderId, business.instant()));
        if (found.isEmpty()) {
            return OrderAnswer.error(500, "MKT.0100", "no such order: " + orderId);
        }
        if (orderLineId != null
                && found.get().lines().stream()
                        .noneMatch(line -> line.orderLineId().equals(orderLineId))) {
            return OrderAnswer.error(500, "MKT.0100", "no such line: " + orderLineId);
        }
        return OrderAnswer.found(found.get(), orderLineId);
    }

    private DeferredResult<ResponseEntity<byte[]>> misbehave(
            Fault fault, java.util.function.Supplier<ResponseEntity<byte[]>> rightAnswer) {
        return switch (fault.kind()) {
            case TIMEOUT_BEFORE_STORING, TIMEOUT_AFTER_STORING -> late.after(fault.delay(), OrderAnswer.page(504));
            case SLOW_ANSWER -> late.after(fault.delay(), rightAnswer.get());
            case TOO_MANY_REQUESTS, GATEWAY_THROTTLED, HIDDEN_HALVING ->
                LateAnswers.now(OrderAnswer.gateway(429, "APIGW.0308", "The throttling threshold has been reached"));
            case OVER_FREQUENCY -> LateAnswers.now(OrderAnswer.error(406, "MKT.0250", "access frequency over limit"));
            case OVER_FREQUENCY_WITHOUT_BODY ->
                LateAnswers.now(ResponseEntity.status(406).body(new byte[0]));
            case CODED_REFUSAL, CLOCK_SKEW ->
                LateAnswers.now(OrderAnswer.error(fault.httpStatus(), fault.errorCode(), "told to answer so"));
            case PAGE_BEFORE_STORING, PAGE_AFTER_STORING, REDIRECT ->
                LateAnswers.now(OrderAnswer.page(fault.httpStatus()));
            case INTERNAL_ERROR_BEFORE_STORING,
                    INTERNAL_ERROR_AFTER_STORING,
                    REJECT_LATER,
                    REPEATED_CALL,
                    FORGED_CALL,
                    STALE_CALL,
                    REORDERED_CALL -> LateAnswers.now(OrderAnswer.error(500, "MKT.0999", "other internal error"));
            case BAD_GATEWAY_BEFORE_STORING, BAD_GATEWAY_AFTER_STORING -> LateAnswers.now(OrderAnswer.page(502));
            case SERVICE_UNAVAILABLE -> LateAnswers.now(OrderAnswer.page(503));
            case EMPTY_BODY_BEFORE_STORING,
                    EMPTY_BODY_AFTER_STORING,
                    GARBAGE_BEFORE_STORING,
                    GARBAGE_AFTER_STORING,
                    CUT_BEFORE_STORING,
                    CUT_AFTER_STORING -> LateAnswers.now(OrderAnswer.empty());
            case UNKNOWN_CODE_AFTER_STORING -> LateAnswers.now(OrderAnswer.error(200, "MKT.7777", "undocumented"));
        };
    }

    private static RequestSigning.Request signed(HttpServletRequest request) {
        Map<String, String> headers = new HashMap<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            headers.put(name.toLowerCase(Locale.ROOT), request.getHeader(name));
        }
        String query = request.getQueryString();
        return new RequestSigning.Request(
                request.getMethod(), request.getRequestURI(), query == null ? "" : query, headers);
    }
}
