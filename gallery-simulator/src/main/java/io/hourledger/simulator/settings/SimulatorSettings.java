package io.hourledger.simulator.settings;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What is configured of the simulator; everything but the keys can stay at its default.
 *
 * @param sellerKey the seller's interconnection key: signs usage pushes, callbacks and the answers to them
 * @param accessKey AK of the signed query-order call
 * @param secretKey SK of the signed query-order call
 * @param callbackUrl the seller's production URL; can be told later through {@code PUT /sim/settings}
 * @param answerModel what a usage push answers about single bad records; can be changed at run time
 * @param callsPerSecond usage pushes allowed in any second; a call too many is refused and counted
 * @param callBucketDepth what counts as a call too many: 0 = more than {@code callsPerSecond} in any second; else a call for which a bucket of
 *     this depth, filled that often a second, has nothing left
 * @param answerDelay how long every answer to a usage push is held back
 * @param orderQueriesPerSecond order queries allowed in any second; 0 = no limit
 * @param clockTolerance how far a record's times may lie ahead of the business clock
 * @param timestampTolerance how far the {@code ts} of a push may lie from the machine's clock
 * @param refuseRepeatedNonces whether a nonce that was used before is taken for a replay
 * @param canonicalBody whether a push body must be its own canonical form (keys ascending, no white space), since the gallery may sort
 *     the body before it checks the signature
 * @param refuseOverlaps whether a record that overlaps an accepted one, without being equal to it, is rejected; not documented
 * @param refuseCrossingHours whether a record that crosses a full hour is rejected; not documented
 */
@Validated
@ConfigurationProperties("hourledger.simulator")
public record SimulatorSettings(
        @NotBlank(message = "set hourledger.simulator.seller-key to the key that the seller signs with") String sellerKey,
        @NotBlank(message = "set hourledger.simulator.access-key to the AK that the seller queries orders with") String accessKey,
        @NotBlank(message = "set hourledger.simulator.secret-key to the SK that belongs to the access key") String secretKey,
        @Nullable URI callbackUrl,
        @NotNull @DefaultValue("silent") AnswerModel answerModel,
        @Min(value = 1, message = "hourledger.simulator.calls-per-second must be 1 or more") @Max(value = 100_000, message = "hourledger.simulator.calls-per-second must be 100000 or less") @DefaultValue("10")
                int callsPerSecond,
        @Min(value = 0, message = "hourledger.simulator.call-bucket-depth must be 0 (no bucket) or more")
                @Max(value = 100_000, message = "hourledger.simulator.call-bucket-depth must be 100000 or less") @DefaultValue("0")
                int callBucketDepth,
        @NotNull @DefaultValue("0s") Duration answerDelay,
        @Min(value = 0, message = "hourledger.simulator.order-queries-per-second must be 0 (no limit) or more")
                @Max(value = 100_000, message = "hourledger.simulator.order-queries-per-second must be 100000 or less") @DefaultValue("0")
                int orderQueriesPerSecond,
        @NotNull @DefaultValue("1s") Duration clockTolerance,
        @NotNull @DefaultValue("15m") Duration timestampTolerance,
        @DefaultValue("true") boolean refuseRepeatedNonces,
        @DefaultValue("true") boolean canonicalBody,
        @DefaultValue("false") boolean refuseOverlaps,
        @DefaultValue("false") boolean refuseCrossingHours,
        @Valid @NotNull @DefaultValue Callbacks callbacks) {

    public SimulatorSettings {
        requireNotNegative(clockTolerance, "clock-tolerance");
        requireNotNegative(timestampTolerance, "timestamp-tolerance");
        requireNotNegative(answerDelay, "answer-delay");
    }

    private static void requireNotNegative(Duration duration, String name) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("hourledger.simulator." + name + " must not be negative: " + duration);
        }
    }

    /**
     * How the seller is called. All times here are the machine's.
     *
     * @param timeout how long the seller may take to answer (koogallery.md, section 4.2)
     * @param retryEvery the pause after a call that failed (koogallery.md, section 4.6)
     * @param giveUpAfter how long newInstance is repeated before the order fails
     * @param pollEvery the pause between queryInstance calls after an asynchronous opening
     * @param concurrency calls under way at once
     */
    public record Callbacks(
            @NotNull @DefaultValue("5s") Duration timeout,
            @NotNull @DefaultValue("2m") Duration retryEvery,
            @NotNull @DefaultValue("3h") Duration giveUpAfter,
            @NotNull @DefaultValue("1s") Duration pollEvery,
            @Min(value = 1, message = "hourledger.simulator.callbacks.concurrency must be 1 or more") @Max(value = 256, message = "hourledger.simulator.callbacks.concurrency must be 256 or less") @DefaultValue("16")
                    int concurrency) {

        public Callbacks {
            requireSome(timeout, "timeout");
            requireSome(retryEvery, "retry-every");
            requireSome(giveUpAfter, "give-up-after");
            requireSome(pollEvery, "poll-every");
        }

        private static void requireSome(Duration duration, String name) {
            if (duration.isNegative() || duration.isZero()) {
                throw new IllegalArgumentException(
                        "hourledger.simulator.callbacks." + name + " must be more than nothing: " + duration);
            }
        }
    }
}
