package io.hourledger.cli.quarantine;

import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.quarantine.QuarantineFilter;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which events are meant. */
final class FilterOptions {

    @Option(
            names = "--reason",
            paramLabel = "CODE",
            converter = ReasonCode.class,
            description = "such as late, conflict, malformed, wrong-partition")
    private @Nullable QuarantineReason reason;

    @Option(names = "--source", paramLabel = "SOURCE", description = "the event's source")
    private @Nullable String source;

    @Option(names = "--instance", paramLabel = "INSTANCE", description = "the event's subject")
    private @Nullable String instance;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "of the event's time, or its record's if it has none; such as 2026-11-24T14:00:00Z")
    private @Nullable Instant since;

    @Option(names = "--until", paramLabel = "TIME", description = "before this time")
    private @Nullable Instant until;

    @Option(names = "--partition", paramLabel = "N", description = "of the usage log")
    private @Nullable Integer partition;

    /** A misspelt reason must not be one that no event has. */
    static final class ReasonCode implements ITypeConverter<QuarantineReason> {
        @Override
        public QuarantineReason convert(String code) {
            return QuarantineReason.ofCode(code)
                    .orElseThrow(
                            () -> new TypeConversionException("no event is in quarantine as " + code + "; there is "
                                    + Stream.of(QuarantineReason.values())
                                            .map(QuarantineReason::code)
                                            .collect(Collectors.joining(", "))));
        }
    }

    QuarantineFilter open() {
        return filter(true);
    }

    QuarantineFilter all() {
        return filter(false);
    }

    private QuarantineFilter filter(boolean isOpenOnly) {
        return new QuarantineFilter(reason, source, instance, since, until, partition, isOpenOnly);
    }
}
