package io.hourledger.simulator.fault;

import io.hourledger.simulator.fault.FaultScript.Thrown;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Running a script of faults. */
@RestController
final class ScriptControl {

    private final FaultScript script;

    ScriptControl(FaultScript script) {
        this.script = script;
    }

    /** @param seconds how long, in machine time */
    record Wanted(long seed, @Min(1) @Max(86_400) int seconds) {}

    /** @param switches how many there are to throw */
    record Status(int switches, List<Thrown> thrown) {}

    @PostMapping("/sim/script")
    Status start(@Valid @RequestBody Wanted wanted) {
        script.start(wanted.seed, Duration.ofSeconds(wanted.seconds));
        return status();
    }

    @GetMapping("/sim/script")
    Status status() {
        return new Status(FaultScript.switches(), script.thrown());
    }

    @DeleteMapping("/sim/script")
    Status stop() {
        script.stop();
        return status();
    }
}
