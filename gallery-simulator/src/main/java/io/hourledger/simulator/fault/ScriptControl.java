package io.hourledger.simulator.fault;

import io.hourledger.simulator.fault.FaultScript.Thrown;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Running a script of faults. */
@RestController
final class ScriptControl {

    /** So that the answer to the person who asked for it is out. */
    private static final Duration BEFORE_CLOSING = Duration.ofMillis(300);

    private final FaultScript script;
    private final ListeningPort port;

    ScriptControl(FaultScript script, ListeningPort port) {
        this.script = script;
        this.port = port;
    }

    /** Connections are refused for a while, this one's successors too. */
    @PostMapping("/sim/port/close")
    WantedOutage closePort(@Valid @RequestBody WantedOutage wanted) {
        Thread.ofPlatform().daemon().name("closed-port").start(() -> {
            LockSupport.parkNanos(BEFORE_CLOSING.toNanos());
            port.close();
            try {
                long until =
                        System.nanoTime() + Duration.ofSeconds(wanted.seconds).toNanos();
                while (System.nanoTime() - until < 0) {
                    LockSupport.parkNanos(until - System.nanoTime());
                }
            } finally {
                port.open();
            }
        });
        return wanted;
    }

    /** @param seconds how long, in machine time */
    record Wanted(long seed, @Min(1) @Max(86_400) int seconds) {}

    /**
     * @param switches how many there are to throw
     * @param notThrown which have hit nothing so far
     */
    record Status(int switches, List<String> notThrown, List<Thrown> thrown) {}

    /** @param seconds how long connections are refused, in machine time */
    record WantedOutage(@Min(1) @Max(600) int seconds) {}

    @PostMapping("/sim/script")
    Status start(@Valid @RequestBody Wanted wanted) {
        script.start(wanted.seed, Duration.ofSeconds(wanted.seconds));
        return status();
    }

    @GetMapping("/sim/script")
    Status status() {
        return new Status(FaultScript.switches(), script.notThrown(), script.thrown());
    }

    @DeleteMapping("/sim/script")
    Status stop() {
        script.stop();
        return status();
    }
}
