package io.hourledger.simulator.fault;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.hourledger.simulator.fault.Fault.Chance;
import io.hourledger.simulator.fault.Fault.Hits;
import io.hourledger.simulator.fault.Fault.Parameters;
import io.hourledger.simulator.fault.Fault.RetryAfterForm;
import io.hourledger.simulator.fault.Fault.Target;
import io.hourledger.simulator.http.RequestNotPossibleException;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Telling the simulator to misbehave. */
@RestController
final class FaultsControl {

    private final Faults faults;

    FaultsControl(Faults faults) {
        this.faults = faults;
    }

    /**
     * @param target usage (default), order or callback
     * @param probability of each call to be hit; 1 by default
     * @param seed the same seed hits the same calls; 0 by default
     * @param count how often at most; 1 by default
     */
    record Wanted(
            @NotNull Misbehaviour kind,
            @Nullable @Pattern(regexp = "usage|order|callback") String target,
            @Nullable @DecimalMin("0") @DecimalMax("1") Double probability,
            @Nullable Long seed,
            @Nullable @Min(1) @Max(1_000_000_000) Integer count,
            @Valid @JsonUnwrapped Details details) {}

    /** What a kind of fault may need besides; the members stand beside the others in the JSON. */
    record Details(
            @Nullable @Min(0) @Max(600_000) Long delayMillis,
            @Nullable @Min(0) @Max(3_600) Integer retryAfterSeconds,
            @Nullable @Pattern(regexp = "seconds|fraction|date|rfc850-date|asctime-date") String retryAfterForm,
            @Nullable @Min(0) Long laterSeconds,
            @Nullable @Pattern(regexp = "[0-9]{3}") String code,
            @Nullable @Min(200) @Max(599) Integer httpStatus,
            @Nullable @Pattern(regexp = "[A-Z]{0,6}\\.?[0-9]{1,6}") String errorCode,
            @Nullable @Min(0) @Max(1000) Integer fewestRecords) {

        Parameters parameters() {
            return new Parameters(
                    delayMillis,
                    retryAfterSeconds,
                    retryAfterForm == null
                            ? null
                            : RetryAfterForm.valueOf(
                                    retryAfterForm.toUpperCase(Locale.ROOT).replace('-', '_')),
                    laterSeconds,
                    code,
                    httpStatus,
                    errorCode,
                    fewestRecords);
        }
    }

    /** A fault as it stands. */
    record Status(
            long id,
            Misbehaviour kind,
            String target,
            @JsonUnwrapped Chance chance,
            int remaining,
            @JsonUnwrapped Hits hits,
            boolean active) {

        static Status of(Fault fault) {
            return new Status(
                    fault.faultId(),
                    fault.kind(),
                    fault.target().name().toLowerCase(Locale.ROOT),
                    fault.chance(),
                    fault.remaining(),
                    fault.hits(),
                    fault.active());
        }
    }

    record Stopped(int faults) {}

    @PostMapping("/sim/faults")
    Status add(@Valid @RequestBody Wanted wanted) {
        Target target = wanted.target == null ? Target.USAGE : Target.valueOf(wanted.target.toUpperCase(Locale.ROOT));
        if (wanted.kind.isOfCallbacks() != (target == Target.CALLBACK)) {
            throw new RequestNotPossibleException(
                    HttpStatus.BAD_REQUEST, "kind-of-another-target", wanted.kind.word() + " is of another target");
        }
        return Status.of(faults.add(
                wanted.kind,
                target,
                wanted.probability == null ? 1 : wanted.probability,
                wanted.seed == null ? 0 : wanted.seed,
                wanted.count == null ? 1 : wanted.count,
                wanted.details.parameters()));
    }

    @GetMapping("/sim/faults")
    List<Status> all() {
        return faults.all().stream().map(Status::of).toList();
    }

    @DeleteMapping("/sim/faults")
    Stopped stopAll() {
        return new Stopped(faults.stopAll());
    }

    @DeleteMapping("/sim/faults/{id}")
    Stopped stop(@PathVariable long id) {
        if (!faults.stop(id)) {
            throw new RequestNotPossibleException(HttpStatus.NOT_FOUND, "no-such-fault", "no active fault " + id);
        }
        return new Stopped(1);
    }
}
