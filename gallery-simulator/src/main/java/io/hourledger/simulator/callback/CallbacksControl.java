package io.hourledger.simulator.callback;

import io.hourledger.simulator.callback.Callback.State;
import io.hourledger.simulator.http.RequestNotPossibleException;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The calls to the seller, for a person who looks after them. */
@RestController
final class CallbacksControl {

    private final CallbackStore callbacks;
    private final OrderPlacement placement;
    private final CallbackProbes probes;

    CallbacksControl(CallbackStore callbacks, OrderPlacement placement, CallbackProbes probes) {
        this.callbacks = callbacks;
        this.placement = placement;
        this.probes = probes;
    }

    /** A call as it stands. */
    record Status(
            long callbackId,
            String activity,
            String orderId,
            String orderLineId,
            @Nullable String instanceId,
            String state,
            int attempts,
            @Nullable String lastAnswer) {

        static Status of(Callback callback) {
            return new Status(
                    callback.callbackId(),
                    callback.word(),
                    callback.orderId(),
                    callback.orderLineId(),
                    callback.instanceId(),
                    callback.progress().state().name().toLowerCase(Locale.ROOT),
                    callback.progress().attempts(),
                    callback.progress().lastAnswer());
        }
    }

    /** How many calls are in each state. */
    @GetMapping("/sim/callbacks/counts")
    Map<String, Long> counts() {
        return callbacks.counts();
    }

    /** Waits until no call is waiting any more, at most so long, and says how many are in each state. */
    @PostMapping("/sim/callbacks/await")
    Map<String, Long> await(@RequestParam @Min(0) @Max(600) int seconds) {
        placement.awaitAll(Duration.ofSeconds(seconds));
        return callbacks.counts();
    }

    @GetMapping("/sim/callbacks")
    List<Status> inState(
            @RequestParam String state, @RequestParam(defaultValue = "100") @Min(1) @Max(10_000) int limit) {
        return callbacks.inState(stateOf(state), limit).stream().map(Status::of).toList();
    }

    /** What the seller made of repeated, forged and stale calls, the latest first. */
    @GetMapping("/sim/callbacks/probes")
    List<CallbackProbes.Probe> probes(@RequestParam(defaultValue = "100") @Min(1) @Max(10_000) int limit) {
        return probes.latest(limit);
    }

    private static State stateOf(String word) {
        for (State state : State.values()) {
            if (state.name().equalsIgnoreCase(word)) {
                return state;
            }
        }
        throw new RequestNotPossibleException(
                HttpStatus.BAD_REQUEST, "no-such-state", "state is pending, polling, done or failed");
    }

    @GetMapping("/sim/callbacks/{id}")
    Status one(@PathVariable long id) {
        return callbacks.find(List.of(id)).stream().findAny().map(Status::of).orElseThrow(() -> noSuchCall(id));
    }

    /** Sends a call that is done or failed once more, as KooGallery does in doubt and a person does in its console. */
    @PostMapping("/sim/callbacks/{id}/send-again")
    Status sendAgain(@PathVariable long id, @RequestParam(defaultValue = "0") @Min(0) @Max(600) int waitSeconds) {
        if (!placement.sendAgain(id, Duration.ofSeconds(waitSeconds))) {
            throw new RequestNotPossibleException(
                    HttpStatus.CONFLICT, "call-not-settled", "call " + id + " is not there or still under way");
        }
        return one(id);
    }

    private static RequestNotPossibleException noSuchCall(long id) {
        return new RequestNotPossibleException(HttpStatus.NOT_FOUND, "no-such-call", "no call " + id);
    }
}
