package io.hourledger.cli.ledger;

import io.hourledger.contracts.time.FastClock;
import io.hourledger.standalone.clock.ClockFile;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.ConfigurableEnvironment;

/** Shows the business time of the services: that which their stack has written down, else that of their settings, else the machine's. */
final class BusinessTimeOfStack extends Clock {

    private final @Nullable ClockFile file;
    private final Clock otherwise;

    private BusinessTimeOfStack(@Nullable ClockFile file, Clock otherwise) {
        this.file = file;
        this.otherwise = otherwise;
    }

    static Clock of(Optional<Path> stack, CliServiceSettings settings) {
        ConfigurableEnvironment environment = settings.of(stack, Map.of());
        String anchor = environment.getProperty("hourledger.clock.anchor");
        String origin = environment.getProperty("hourledger.clock.origin");
        Double speed = environment.getProperty("hourledger.clock.speed", Double.class);
        Clock otherwise = anchor == null || origin == null || speed == null
                ? Clock.systemUTC()
                : new FastClock(Clock.systemUTC(), Instant.parse(anchor), Instant.parse(origin), speed);
        return new BusinessTimeOfStack(
                stack.map(folder -> new ClockFile(folder.resolve("clock"))).orElse(null), otherwise);
    }

    @Override
    public Instant instant() {
        return Optional.ofNullable(file).flatMap(ClockFile::reserved).orElseGet(otherwise::instant);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
