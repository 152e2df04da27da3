package io.hourledger.chaos;

import io.hourledger.chaos.LedgerReader.Records;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Marketplaces and ledger side by side.
 *
 * @param lost windows of which no marketplace has all that was metered
 * @param twice windows of which a marketplace has more
 * @param fresh in time or not, of all hours
 * @param wrong sentences on everything that is not as it must be; empty when the run is good
 */
record RecordsOutVerdict(long lost, long twice, FreshHours fresh, List<String> wrong) {

    /** A marketplace that took calls for so long of a fresh hour's first 15 minutes has all of it. */
    private static final Duration UP_FOR = Duration.ofMinutes(5);

    /**
     * How many hours of an account were there by minute 15. An hour of two accounts is two.
     *
     * @param all each is one of the next three
     * @param inTime all of its records were there
     * @param excused not all were there, and its marketplace took calls for less than five minutes
     * @param late not all were there although it took calls for long enough
     */
    record FreshHours(int all, int inTime, int excused, List<String> late) {

        /** Every hour inside 15 minutes when the marketplace was up for 5 of them. */
        boolean everyOneInTime() {
            return all > 0 && late.isEmpty();
        }

        private FreshHours and(FreshHours more) {
            List<String> both = new ArrayList<>(late);
            both.addAll(more.late);
            return new FreshHours(all + more.all, inTime + more.inTime, excused + more.excused, List.copyOf(both));
        }
    }

    boolean good() {
        return wrong.isEmpty();
    }

    /**
     * What a run was.
     *
     * @param truth what was metered, by account
     * @param ledger what the ledger says was metered
     * @param meteredAt when each hour was metered, in business time
     * @param marketplaces one for each account
     * @param records where the ledger's records stand
     * @param settled whether each record had an outcome before anything stood still
     * @param callsAboveCeiling as the marketplaces counted them
     */
    record Run(
            Map<String, HourAmounts> truth,
            HourAmounts ledger,
            Map<UsageHour, Instant> meteredAt,
            List<MarketplaceRecords> marketplaces,
            Records records,
            boolean settled,
            long callsAboveCeiling) {}

    static RecordsOutVerdict of(Run run) {
        List<String> wrong = new ArrayList<>();
        FreshHours fresh = new FreshHours(0, 0, 0, List.of());
        long lost = 0;
        long twice = 0;
        HourAmounts all = new HourAmounts();
        for (MarketplaceRecords marketplace : run.marketplaces) {
            HourAmounts truth = run.truth.getOrDefault(marketplace.account(), new HourAmounts());
            truth.keys()
                    .forEach(key ->
                            all.add(key.instanceId(), key.hour(), truth.at(key).amount(), 1));
            HourAmounts taken = marketplace.taken();
            Set<HourAmounts.Key> differs = truth.differencesFrom(taken);
            for (HourAmounts.Key key : differs) {
                if (taken.at(key).amount().compareTo(truth.at(key).amount()) < 0) {
                    lost++;
                } else {
                    twice++;
                }
            }
            say(wrong, differs.size(), "windows differ at the marketplace of " + marketplace.account());
            say(wrong, marketplace.refused(), "records were refused by the marketplace of " + marketplace.account());
            fresh = fresh.and(freshHours(marketplace, truth, run.meteredAt));
            if (!marketplace.notThrown().isEmpty()) {
                wrong.add("switches were never thrown at the marketplace of " + marketplace.account() + ": "
                        + String.join(", ", marketplace.notThrown()));
            }
        }
        say(wrong, all.differencesFrom(run.ledger).size(), "windows of the ledger differ from what was metered");
        fresh.late.forEach(hour -> wrong.add("late although the marketplace was up: " + hour));
        say(wrong, run.records.inFlight(), "usage records have no outcome");
        say(wrong, run.records.unknown(), "usage records are unclear, and no person entered anything");
        say(wrong, run.records.refused(), "usage records were refused");
        say(wrong, run.callsAboveCeiling, "calls were above the ceiling");
        if (all.keys().isEmpty()) {
            wrong.add("no hour ended while the run lasted");
        }
        if (!run.settled) {
            wrong.add("something stood still before every record had an outcome");
        }
        return new RecordsOutVerdict(lost, twice, fresh, List.copyOf(wrong));
    }

    private static FreshHours freshHours(
            MarketplaceRecords marketplace, HourAmounts truth, Map<UsageHour, Instant> meteredAt) {
        Map<UsageHour, Long> expected = new TreeMap<>();
        truth.keys().forEach(key -> expected.merge(key.hour(), 1L, Long::sum));
        List<String> late = new ArrayList<>();
        int inTime = 0;
        for (Map.Entry<UsageHour, Long> entry : expected.entrySet()) {
            UsageHour hour = entry.getKey();
            Instant from = meteredAt.getOrDefault(hour, hour.end());
            Duration up = marketplace.up(from, MarketplaceRecords.deadline(hour));
            long missing = entry.getValue() - marketplace.inTime(hour);
            if (missing <= 0) {
                inTime++;
            } else if (up.compareTo(UP_FOR) >= 0) {
                late.add(marketplace.account() + " " + hour + ", " + missing + " of " + entry.getValue()
                        + " records, up for " + up.toSeconds() + " s");
            }
        }
        return new FreshHours(expected.size(), inTime, expected.size() - inTime - late.size(), List.copyOf(late));
    }

    private static void say(List<String> wrong, long count, String what) {
        if (count != 0) {
            wrong.add(count + " " + what);
        }
    }
}
