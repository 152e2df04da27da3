package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toSet;

import io.hourledger.aggregator.closing.AmendedHours;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * Counts amended hours again from the log before they are entered in the ledger. All events of the hour up to the cutoff of the revision are
 * read, from where none of it can lie before, and each is taken as its amendments of that revision make it. What was counted at first must come
 * out again, down to the offsets and the total as the events were sent; else nothing is entered.
 */
public final class AmendedHourRecount implements AmendedHours {

    private final CountedLog log;
    private final RecountRules rules;
    private final RecordedCutoffs recorded;
    private final RecordedAmendments amendments;

    public AmendedHourRecount(
            HourRecount.Log log,
            CountingRules rules,
            Supplier<CatalogueVersions> versions,
            IdKey key,
            DataSource database) {
        this.rules = new RecountRules(rules, versions, key);
        this.recorded = new RecordedCutoffs(database);
        this.amendments = new RecordedAmendments(database);
        this.log = new CountedLog(log, recorded);
    }

    @Override
    public Map<Bucket, BigDecimal> amounts(int partition, Collection<Bucket> buckets) {
        Map<Bucket, BigDecimal> amounts = new HashMap<>();
        amendments
                .amendedAmong(partition, buckets)
                .forEach((hour, amended) -> amounts.putAll(recount(partition, hour, amended)));
        return amounts;
    }

    private Map<Bucket, BigDecimal> recount(int partition, UsageHour hour, List<Bucket> buckets) {
        recorded.closedForGood(partition, hour).ifPresent(why -> {
            throw new UncountableException(why);
        });
        RecordedCutoffs.OfPartition cutoffs = recorded.of(partition);
        long to = buckets.stream()
                .mapToLong(bucket -> cutoffs.reached(hour, bucket.revision())
                        .orElseThrow(() -> new StoreUnavailableException("revision " + bucket.revision() + " of hour "
                                + hour + " of partition " + partition
                                + " was over and now is not: the database may be another one"))
                        .offset())
                .max()
                .orElseThrow();
        Set<ByteBuffer> keys = buckets.stream()
                .map(bucket -> ByteBuffer.wrap(bucket.instance().getBytes(UTF_8)))
                .collect(toSet());
        Recount<Map<Bucket, BigDecimal>> result = log.read(usageLog -> {
            SafeStart start = SafeStart.of(usageLog, partition, hour, cutoffs, rules.counting());
            long begin = usageLog.begin(partition);
            if (!start.isSure() && buckets.stream().anyMatch(bucket -> bucket.revision() > 0)) {
                return new Recount.LogGone<>(SafeStart.begunTooLate(partition, hour, begin));
            }
            long from = Math.min(start.offset(), to);
            RecountedHour again =
                    rules.read(usageLog, cutoffs, new RecountRules.Stretch(partition, hour, keys, from, to));
            if (mismatch(buckets, again).isPresent() && begin < from) {
                again = rules.read(usageLog, cutoffs, new RecountRules.Stretch(partition, hour, keys, begin, to));
            }
            Optional<String> mismatch = mismatch(buckets, again);
            if (mismatch.isPresent()) {
                return start.isSure()
                        ? new Recount.Differs<>(mismatch.get())
                        : new Recount.LogGone<>(SafeStart.begunTooLate(partition, hour, begin));
            }
            return new Recount.Counted<>(amountsIn(buckets, again));
        });
        return switch (result) {
            case Recount.Counted<Map<Bucket, BigDecimal>>(Map<Bucket, BigDecimal> amounts) -> amounts;
            case Recount.LogGone<Map<Bucket, BigDecimal>>(String why) -> throw new UncountableException(why);
            case Recount.Differs<Map<Bucket, BigDecimal>>(String why) -> throw new UncountableException(why);
            case Recount.NoRoom<Map<Bucket, BigDecimal>>(String why) -> throw new UncountableException(why);
            case Recount.NotOver<Map<Bucket, BigDecimal>>(String why) -> throw new StoreUnavailableException(why);
        };
    }

    private static Map<Bucket, BigDecimal> amountsIn(List<Bucket> buckets, RecountedHour again) {
        Map<Bucket, BigDecimal> amounts = new HashMap<>();
        for (Bucket bucket : buckets) {
            amounts.put(
                    bucket,
                    Objects.requireNonNull(
                            again.amended().get(BucketKey.of(bucket)),
                            "an hour that came out again has its amendments"));
        }
        return amounts;
    }

    /** How what was counted again differs from what was counted at first; empty if it does not. */
    private static Optional<String> mismatch(List<Bucket> buckets, RecountedHour again) {
        return buckets.stream()
                .filter(bucket -> !isSame(bucket, again))
                .map(bucket -> "its events up to revision " + bucket.revision()
                        + " do not come out of the log as they were counted, so what was amended is not known")
                .findFirst();
    }

    private static boolean isSame(Bucket bucket, RecountedHour again) {
        Bucket now = again.buckets().get(BucketKey.of(bucket));
        return now != null
                && again.amended().containsKey(BucketKey.of(bucket))
                && now.rawTotal().compareTo(bucket.rawTotal()) == 0
                && now.events().equals(bucket.events())
                && now.offsets().equals(bucket.offsets());
    }
}
