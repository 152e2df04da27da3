package io.hourledger.chaos;

import io.hourledger.chaos.LedgerReader.QuarantinedRecord;
import io.hourledger.chaos.LedgerReader.Records;
import io.hourledger.chaos.LedgerReader.Tallies;
import io.hourledger.ledger.seal.LedgerVerifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The three books side by side.
 *
 * @param lost acknowledged events that were not counted
 * @param doubled events counted beyond those acknowledged
 * @param wrong sentences on everything that is not as it must be; empty when the run is good
 */
record Verdict(
        long lost,
        long doubled,
        Set<HourAmounts.Key> ledgerDiffers,
        Set<HourAmounts.Key> galleryDiffers,
        List<String> wrong) {

    boolean good() {
        return wrong.isEmpty();
    }

    /**
     * What no filter takes.
     *
     * @param recordsInLog how many records of such events the log has
     * @param missing acknowledged events of this kind that the log does not have
     * @param changed whether the second version of the catalogue was published
     */
    record FilteredOut(long recordsInLog, long missing, boolean changed) {}

    /**
     * @param quarantined all that the aggregator did not count
     * @param waiting what it counted for instances that nobody opened
     * @param uncounted what must be in quarantine and must wait
     * @param filteredOut what no filter takes
     * @param settled whether everything told was acknowledged in time, and then every hour closed and every record settled before anything stood
     *     still
     * @param refused what ingest refused, and how often
     * @param verified the ledger beside its digests and seals
     */
    static Verdict of(
            HourAmounts truth,
            HourAmounts ledger,
            HourAmounts gallery,
            List<QuarantinedRecord> quarantined,
            Tallies tallies,
            HourAmounts waiting,
            ExpectedUncounted uncounted,
            FilteredOut filteredOut,
            Records records,
            boolean settled,
            Map<String, Long> refused,
            LedgerVerifier.Report verified) {
        long lost = 0;
        long doubled = 0;
        for (HourAmounts.Key key : truth.keys()) {
            lost += Math.max(0, truth.at(key).events() - ledger.at(key).events());
        }
        for (HourAmounts.Key key : ledger.keys()) {
            doubled += Math.max(0, ledger.at(key).events() - truth.at(key).events());
        }
        Set<HourAmounts.Key> ledgerDiffers = truth.differencesFrom(ledger);
        Set<HourAmounts.Key> galleryDiffers = truth.differencesFrom(gallery);
        List<String> wrong = new ArrayList<>();
        say(wrong, lost, "acknowledged events are not in the ledger: lost");
        say(wrong, doubled, "events were counted more than once");
        say(wrong, ledgerDiffers.size(), "amounts of the ledger differ from the truth");
        say(wrong, galleryDiffers.size(), "amounts of the gallery differ from the truth");
        wrong.addAll(uncounted.differencesFrom(quarantined));
        say(
                wrong,
                uncounted.waiting().differencesFrom(waiting).size(),
                "amounts that wait for their instance differ from what was written; unmatched.csv lists them");
        say(wrong, records.inFlight(), "usage records have no outcome");
        say(wrong, records.unknown(), "usage records are in doubt, and no misbehaviour of this run leaves a doubt");
        say(wrong, records.refused(), "usage records were refused");
        say(
                wrong,
                tallies.filteredOut() - filteredOut.recordsInLog(),
                "records more than the log has of events that no filter takes were filtered out");
        say(wrong, filteredOut.missing(), "acknowledged events that no filter takes are not in the log: lost");
        if (!filteredOut.changed()) {
            wrong.add("the second version of the catalogue was not published");
        }
        say(wrong, tallies.unexplained(), "consumed events are unexplained");
        refused.forEach((why, times) -> wrong.add(times + " events were refused by ingest: " + why));
        verified.findings().forEach(finding -> wrong.add("the ledger does not fit its digests and seals: " + finding));
        if (verified.sealed() == 0) {
            wrong.add("no seal was kept outside the database");
        }
        if (!settled) {
            wrong.add("something stood still before everything was acknowledged, closed and settled");
        }
        return new Verdict(lost, doubled, ledgerDiffers, galleryDiffers, List.copyOf(wrong));
    }

    private static void say(List<String> wrong, long count, String what) {
        if (count != 0) {
            wrong.add(count + " " + what);
        }
    }
}
