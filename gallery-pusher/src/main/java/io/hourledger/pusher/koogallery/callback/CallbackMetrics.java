package io.hourledger.pusher.koogallery.callback;

import io.hourledger.service.RequestBodies.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Locale;

/** Counts the marketplace's calls. All tags come from closed sets, and the counters are there with 0 from the start. */
final class CallbackMetrics {

    static final String UNKNOWN = "unknown";
    static final String NOT_BELIEVED = "not_believed";
    static final String UNKNOWN_ACCOUNT = "unknown_account";

    static final List<String> ACTIVITIES = List.of(
            "newInstance",
            "queryInstance",
            "refreshInstance",
            "updateInstanceStatus",
            "releaseInstance",
            "upgradeInstance",
            "changeInstanceCheck",
            "expireInstance",
            "upgrade",
            "instanceStatus");

    private final MeterRegistry registry;

    CallbackMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (ResultCode result : ResultCode.values()) {
            ACTIVITIES.forEach(activity -> calls(activity, result));
            calls(UNKNOWN, result);
        }
        for (Reason reason : Reason.values()) {
            refusals(reason(reason));
        }
        refusals(NOT_BELIEVED);
        refusals(UNKNOWN_ACCOUNT);
    }

    /** The activity of a call from the closed set: a caller must not be able to make up tags. */
    static String tag(Call call) {
        return ACTIVITIES.contains(call.activity()) ? call.activity() : UNKNOWN;
    }

    static String reason(Reason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }

    void answered(String activity, ResultCode result) {
        calls(activity, result).increment();
    }

    void refused(String reason) {
        refusals(reason).increment();
    }

    private Counter calls(String activity, ResultCode result) {
        return Counter.builder("callback.calls")
                .description("calls of the marketplace by what was answered")
                .tag("activity", activity)
                .tag("result", result.code())
                .register(registry);
    }

    private Counter refusals(String reason) {
        return Counter.builder("callback.requests.refused")
                .description("calls that were not believed, or whose body did not come")
                .tag("reason", reason)
                .register(registry);
    }
}
