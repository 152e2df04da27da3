package io.hourledger.cli.ledger;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.standalone.clock.ClockFile;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Who decides, why, and whether it is meant. */
public final class Person {

    @Option(names = "--who", paramLabel = "NAME", required = true, description = "who decides; kept")
    private String who = "";

    @Option(
            names = "--why",
            paramLabel = "TEXT",
            required = true,
            description = "why, for those who read it in a year; kept")
    private String why = "";

    @Option(names = "--yes", description = "do it; without, it is only shown")
    private boolean yes;

    @Spec(Target.MIXEE)
    private @Nullable CommandSpec command;

    /**
     * Who decides and why.
     *
     * @throws ParameterException with a sentence, if one is missing or too long
     */
    public DecidedBy decidedBy() {
        try {
            return new DecidedBy(who, why);
        } catch (IllegalArgumentException tooLittle) {
            throw new ParameterException(
                    Objects.requireNonNull(command).commandLine(), String.valueOf(tooLittle.getMessage()));
        }
    }

    public boolean means() {
        return yes;
    }

    /** Business time: that of a demo, which stands while it is down, or the machine's. */
    public static Instant now(LedgerDatabase.Open ledger) {
        return now(ledger, Clock.systemUTC().instant().truncatedTo(ChronoUnit.MILLIS));
    }

    /** Business time: that of a demo, or this of a machine, such as the database's. */
    public static Instant now(LedgerDatabase.Open ledger, Instant machine) {
        @Nullable Path clock = ledger.stack().map(stack -> stack.resolve("clock")).orElse(null);
        return clock == null ? machine : new ClockFile(clock).reserved().orElse(machine);
    }
}
