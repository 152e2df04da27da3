package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.RunIndependently;
import io.hourledger.aggregator.recount.SplitHours.Stuck;
import io.hourledger.contracts.instance.InstanceCommand.EnterRecount;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.Decision;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Splits mixed hours at the boundaries of their instances' lives, and enters the parts in the ledger. A crash anywhere repeats some commands, and
 * the ledger does none of them twice. What cannot be split without guessing stays withheld.
 */
public final class RecountHourWhenSplit {

    private static final Logger log = LoggerFactory.getLogger(RecountHourWhenSplit.class);

    /**
     * The ledger's rules for which the hour comes again: a boundary lies inside a part, since the life has changed meanwhile; or this machine's
     * clock lies behind that of whoever closed the hour.
     */
    private static final Set<String> COMES_AGAIN = Set.of("recount-parts", "hour-not-over");

    private final SplitHours splitHours;
    private final HourRecount recount;
    private final Ledger ledger;
    private final LedgerQueries queries;
    private final Clock clock;
    private final int batch;

    /**
     * @param batch instances in one reading of the log and one transaction of the ledger
     */
    public RecountHourWhenSplit(
            SplitHours splitHours, HourRecount recount, Ledger ledger, LedgerQueries queries, Clock clock, int batch) {
        this.splitHours = splitHours;
        this.recount = recount;
        this.ledger = ledger;
        this.queries = queries;
        this.clock = clock;
        this.batch = batch;
    }

    /** Recounts every mixed hour of the partition that waits for it, the oldest first. One that fails is tried again by the next call. */
    public void recountHoursOf(int partition) {
        RunIndependently.of(splitHours.hoursToRecount(partition), hour -> recountHour(partition, hour));
    }

    private void recountHour(int partition, UsageHour hour) {
        RuntimeException firstFailure = null;
        List<HourMetered> waiting = splitHours.toRecount(partition, hour, null, batch);
        while (!waiting.isEmpty()) {
            try {
                RunIndependently.halved(waiting, this::recount);
            } catch (RuntimeException failed) {
                if (!RunIndependently.isOfData(failed)) {
                    throw failed;
                }
                // those behind it must not wait for it
                firstFailure = firstFailure == null ? failed : firstFailure;
            }
            waiting = splitHours.toRecount(partition, hour, waiting.get(waiting.size() - 1), batch);
        }
        if (firstFailure != null) {
            throw firstFailure;
        }
    }

    private void recount(List<HourMetered> hours) {
        Map<InstanceId, InstanceView> instances = queries.instances(
                hours.stream().map(hour -> new InstanceId(hour.instanceId())).toList());
        List<Recount<List<RecountedPart>>> outcomes = recount.split(hours.stream()
                .map(hour -> mixed(hour, Objects.requireNonNull(instances.get(new InstanceId(hour.instanceId())))))
                .toList());
        if (hours.size() > 1 && outcomes.stream().anyMatch(Recount.NoRoom.class::isInstance)) {
            // until the one that needs too much is alone
            recount(hours.subList(0, hours.size() / 2));
            recount(hours.subList(hours.size() / 2, hours.size()));
            return;
        }
        List<HourMetered> counted = new ArrayList<>();
        List<EnterRecount> commands = new ArrayList<>();
        for (int i = 0; i < hours.size(); i++) {
            HourMetered hour = hours.get(i);
            switch (outcomes.get(i)) {
                case Recount.Counted<List<RecountedPart>>(List<RecountedPart> parts) -> {
                    counted.add(hour);
                    commands.add(new EnterRecount(
                            new InstanceId(hour.instanceId()),
                            new UsageHour(hour.hour()),
                            hour.revision(),
                            parts,
                            clock.instant()));
                }
                case Recount.LogGone<List<RecountedPart>>(String detail) ->
                    leaveToAPerson(hour, Stuck.LOG_GONE, detail);
                case Recount.Differs<List<RecountedPart>>(String detail) -> leaveToAPerson(hour, Stuck.DIFFERS, detail);
                case Recount.NoRoom<List<RecountedPart>>(String detail) ->
                    log.atError()
                            .addKeyValue("instance", hour.instanceId())
                            .addKeyValue("hour", hour.hour())
                            .addKeyValue("detail", detail)
                            .log("a mixed hour cannot be split for want of memory, the next tick tries again");
                case Recount.NotOver<List<RecountedPart>> _ -> {
                    // the hour comes again
                }
            }
        }
        enter(counted, commands);
    }

    private static SplitHour mixed(HourMetered hour, InstanceView instance) {
        return new SplitHour(hour, instance.stretches(new UsageHour(hour.hour())));
    }

    private void enter(List<HourMetered> hours, List<EnterRecount> commands) {
        if (commands.isEmpty()) {
            return;
        }
        List<Decision> decisions = ledger.handleAll(commands);
        for (int i = 0; i < hours.size(); i++) {
            HourMetered hour = hours.get(i);
            switch (decisions.get(i)) {
                case Decision.Refused(String rule, String detail) -> {
                    if (!COMES_AGAIN.contains(rule)) {
                        leaveToAPerson(hour, Stuck.REFUSED, rule + ": " + detail);
                    }
                }
                case Decision.Done _, Decision.AlreadyDone _, Decision.UnknownInstance _ -> splitHours.settled(hour);
            }
        }
        log.atInfo()
                .addKeyValue("partition", hours.get(0).log().partition())
                .addKeyValue("hour", hours.get(0).hour())
                .addKeyValue("instances", hours.size())
                .log("mixed hours recounted");
    }

    private void leaveToAPerson(HourMetered hour, Stuck why, String detail) {
        splitHours.leaveToAPerson(hour, why, detail);
        log.atError()
                .addKeyValue("instance", hour.instanceId())
                .addKeyValue("hour", hour.hour())
                .addKeyValue("why", why)
                .addKeyValue("detail", detail)
                .log("a mixed hour cannot be split and stays withheld");
    }
}
