package io.hourledger.aggregator.recount;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Says how far the usage log of a partition reaches. Each question reads the log with a consumer of its own. */
public final class LogExtents {

    private final HourRecount.Log log;

    public LogExtents(HourRecount.Log log) {
        this.log = log;
    }

    /**
     * What the log holds.
     *
     * @param begin its first offset
     * @param end the offset behind the last record that can be read
     */
    public record Extent(long begin, long end) {}

    /**
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if Kafka gives no answer
     */
    public Extent of(int partition) {
        try (UsageLogReader reader = open()) {
            return new Extent(reader.begin(partition), reader.end(partition));
        }
    }

    /** The timestamp of the first record at this offset or behind it; empty if there is none. */
    public Optional<Instant> firstRecordedAt(int partition, long from) {
        List<LogRecord> found = new ArrayList<>();
        try (UsageLogReader reader = open()) {
            reader.read(partition, from, reader.end(partition), new UsageRecords.Taker() {
                @Override
                public void take(LogRecord record) {
                    found.add(record);
                }

                @Override
                public boolean hasEnough() {
                    return true;
                }
            });
        }
        return found.stream().findFirst().map(record -> Instant.ofEpochMilli(record.timestampMillis()));
    }

    private UsageLogReader open() {
        return UsageLogReader.open(log.clientSettings(), log.topic());
    }
}
