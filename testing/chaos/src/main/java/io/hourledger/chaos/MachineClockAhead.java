package io.hourledger.chaos;

import io.hourledger.contracts.time.FastClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/** Gives a service a machine's clock that is wrong, as after a bad step of NTP. All else of its business time is as set. */
@Configuration(proxyBeanMethods = false)
class MachineClockAhead {

    private static final String AHEAD = "metering.chaos.ahead";

    @Bean
    @Primary
    Clock clockAhead(
            @Value("${" + AHEAD + "}") Duration ahead,
            @Value("${hourledger.clock.anchor}") String anchor,
            @Value("${hourledger.clock.origin}") String origin,
            @Value("${hourledger.clock.speed}") double speed) {
        return new FastClock(
                Clock.offset(Clock.systemUTC(), ahead), Instant.parse(anchor), Instant.parse(origin), speed);
    }

    /** What a service is told beside its own arguments. */
    static List<String> arguments(ChaosClock clock, Duration ahead) {
        return List.of(
                "--spring.main.sources=" + MachineClockAhead.class.getName(),
                "--" + AHEAD + "=" + clock.elapsed(ahead));
    }
}
