package io.hourledger.aggregator.closing;

import io.hourledger.aggregator.closing.ClosingStore.WaitingBucket;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.ledger.api.DatabaseFailure;
import io.hourledger.ledger.instance.Decision;
import java.util.ArrayList;
import java.util.List;

/**
 * Enters buckets in the ledger, many at once. A batch that fails is halved until the instance that cannot go on is alone, so that all others
 * are entered.
 *
 * <p>Only what an instance repeats alone, and is no lost race and no outage, is its own failure. Anything else is thrown, and then nothing
 * may be noted of the batch: entering it again does nothing twice.
 */
final class BatchEntry {

    private static final int LONGEST_REASON = 500;

    private final HourLedger ledger;
    private final Commands commands;

    BatchEntry(HourLedger ledger, Commands commands) {
        this.ledger = ledger;
        this.commands = commands;
    }

    /** Makes the commands that enter buckets, one for each. */
    interface Commands {
        List<MeterHour> of(int partition, List<WaitingBucket> buckets);
    }

    /** What came of entering one bucket. */
    sealed interface Entered {

        record Decided(Decision decision) implements Entered {}

        /** It failed alone, and again. */
        record Failed(Throwable failure) implements Entered {

            /** A line for a person: the innermost cause says most. */
            String reason() {
                Throwable cause = failure;
                while (cause.getCause() != null && cause.getCause() != cause) {
                    cause = cause.getCause();
                }
                String says =
                        String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
                String line = (cause.getClass().getSimpleName() + ": " + says).replace('\0', '?');
                return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON);
            }
        }

        /** An earlier bucket of its instance failed. */
        record NotTried() implements Entered {}
    }

    /**
     * @param buckets those of one instance one after the other, in the order of their hours
     * @return what came of each, in their order
     */
    List<Entered> enter(int partition, List<WaitingBucket> buckets) {
        List<Entered> entered = new ArrayList<>(buckets.size());
        enter(partition, byInstance(buckets), entered);
        return entered;
    }

    private static List<List<WaitingBucket>> byInstance(List<WaitingBucket> buckets) {
        List<List<WaitingBucket>> instances = new ArrayList<>();
        int begin = 0;
        for (int i = 1; i <= buckets.size(); i++) {
            if (i == buckets.size() || !instanceOf(buckets.get(i)).equals(instanceOf(buckets.get(begin)))) {
                instances.add(buckets.subList(begin, i));
                begin = i;
            }
        }
        return instances;
    }

    private static String instanceOf(WaitingBucket bucket) {
        return bucket.bucket().instance();
    }

    private void enter(int partition, List<List<WaitingBucket>> instances, List<Entered> entered) {
        if (instances.isEmpty()) {
            return;
        }
        List<WaitingBucket> all = instances.stream().flatMap(List::stream).toList();
        try {
            entered.addAll(attempt(partition, all));
        } catch (RuntimeException | StackOverflowError failed) {
            if (kindOf(failed) == DatabaseFailure.OUTAGE) {
                throw failed;
            }
            if (instances.size() == 1) {
                enterAlone(partition, all, entered);
            } else {
                int half = instances.size() / 2;
                enter(partition, instances.subList(0, half), entered);
                enter(partition, instances.subList(half, instances.size()), entered);
            }
        }
    }

    /** One bucket after the other, so that those before the one at fault are entered. */
    private void enterAlone(int partition, List<WaitingBucket> ofOneInstance, List<Entered> entered) {
        boolean blocked = false;
        for (WaitingBucket bucket : ofOneInstance) {
            if (blocked) {
                entered.add(new Entered.NotTried());
                continue;
            }
            try {
                entered.addAll(attempt(partition, List.of(bucket)));
            } catch (RuntimeException | StackOverflowError failed) {
                if (kindOf(failed) != DatabaseFailure.DATA_OR_BUG) {
                    throw failed;
                }
                entered.add(new Entered.Failed(failed));
                blocked = true;
            }
        }
    }

    private List<Entered> attempt(int partition, List<WaitingBucket> buckets) {
        return ledger.enter(commands.of(partition, buckets)).stream()
                .<Entered>map(Entered.Decided::new)
                .toList();
    }

    /** A process that is ending blames nobody. */
    private static DatabaseFailure kindOf(Throwable failed) {
        return failed instanceof StoreUnavailableException
                        || Thread.currentThread().isInterrupted()
                ? DatabaseFailure.OUTAGE
                : DatabaseFailure.of(failed);
    }
}
