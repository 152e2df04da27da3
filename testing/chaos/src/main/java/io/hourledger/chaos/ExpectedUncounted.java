package io.hourledger.chaos;

import io.hourledger.chaos.LedgerReader.QuarantinedRecord;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What was written to the log and must reach no bill: records for the quarantine, and usage of instances that nobody opens. */
final class ExpectedUncounted {

    private static final int NAMED = 5;

    /** By event id; what may have reached the log without an acknowledgement stands here, too. */
    private final Map<String, String> reasons = new HashMap<>();

    private final Set<String> acknowledged = new HashSet<>();
    private final HourAmounts waiting = new HourAmounts();

    /** An event that cannot be counted is about to be written. */
    synchronized void attempt(String eventId, String reason) {
        reasons.put(eventId, reason);
    }

    /** The log has it. */
    synchronized void acknowledge(String eventId) {
        acknowledged.add(eventId);
    }

    /** The log has an event of an instance that does not exist. */
    synchronized void acknowledgeWaiting(String instanceId, UsageHour hour, BigDecimal amount) {
        waiting.add(instanceId, hour, amount, 1);
    }

    synchronized long quarantined() {
        return acknowledged.size();
    }

    /** What must wait for its instance. */
    synchronized HourAmounts waiting() {
        HourAmounts copy = new HourAmounts();
        for (HourAmounts.Key key : waiting.keys()) {
            copy.add(
                    key.instanceId(),
                    key.hour(),
                    waiting.at(key).amount(),
                    waiting.at(key).events());
        }
        return copy;
    }

    /** Sentences on each way in which the quarantine is not what it must be; none if it is. */
    synchronized List<String> differencesFrom(List<QuarantinedRecord> quarantine) {
        List<String> unexpected = new ArrayList<>();
        List<String> otherReason = new ArrayList<>();
        Set<String> missing = new HashSet<>(acknowledged);
        for (QuarantinedRecord one : quarantine) {
            String expected = reasons.get(one.id());
            if (expected == null) {
                unexpected.add(one.id() + " as " + one.reason());
            } else if (!expected.equals(one.reason())) {
                otherReason.add(one.id() + " as " + one.reason() + ", not " + expected);
            }
            missing.remove(one.id());
        }
        List<String> differences = new ArrayList<>();
        say(differences, unexpected, "events were quarantined that can be counted");
        say(differences, otherReason, "events were quarantined for another reason");
        say(differences, List.copyOf(missing), "events that cannot be counted are not in quarantine");
        return differences;
    }

    private static void say(List<String> differences, List<String> events, String what) {
        if (!events.isEmpty()) {
            differences.add(events.size() + " " + what + ", such as "
                    + String.join("; ", events.subList(0, Math.min(NAMED, events.size()))));
        }
    }
}
