package io.hourledger.aggregator.threshold;

import io.hourledger.contracts.instance.InstanceCommand.NoticeThresholdReached;
import io.hourledger.contracts.instance.ThresholdRef;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.Packages.Balance;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the ledger which percentages of which thresholds usage has come to. The ledger takes each once a period or package. */
public final class ThresholdNotices {

    private static final Logger log = LoggerFactory.getLogger(ThresholdNotices.class);

    private final ThresholdList thresholds;
    private final Ledger ledger;
    private final Clock businessTime;

    public ThresholdNotices(ThresholdList thresholds, Ledger ledger, Clock businessTime) {
        this.thresholds = thresholds;
        this.ledger = ledger;
        this.businessTime = businessTime;
    }

    /** Whether an instance has a threshold of its packages. */
    public boolean watchesPackagesOf(InstanceView instance) {
        return !thresholds.ofPackages(instance).isEmpty();
    }

    /**
     * What is to be told of a package.
     *
     * @param used what is known to be used of it, drawn or not, in the meter's unit
     */
    public List<NoticeThresholdReached> ofPackage(InstanceView instance, Balance balance, BigDecimal used) {
        List<NoticeThresholdReached> notices = new ArrayList<>();
        if (balance.contained().signum() > 0) {
            for (Threshold threshold : thresholds.ofPackages(instance)) {
                ThresholdRef of = new ThresholdRef(
                        threshold.name(),
                        threshold.period().code(),
                        balance.life().openedAt(),
                        null,
                        balance.packageInstanceId());
                notices.addAll(of(instance, threshold, of, balance.contained(), used));
            }
        }
        return notices;
    }

    /** What is to be told of a period. */
    List<NoticeThresholdReached> ofPeriod(
            InstanceView instance, Threshold threshold, ThresholdPeriod.Span span, BigDecimal used) {
        ThresholdRef of = new ThresholdRef(threshold.name(), threshold.period().code(), span.from(), span.to());
        return of(instance, threshold, of, threshold.amount(), used);
    }

    private List<NoticeThresholdReached> of(
            InstanceView instance, Threshold threshold, ThresholdRef of, BigDecimal limit, BigDecimal used) {
        return threshold.reachedBy(used, limit).stream()
                .filter(percent -> !instance.thresholds().knows(of, percent))
                .map(percent -> new NoticeThresholdReached(
                        instance.instanceId(),
                        of,
                        percent,
                        limit,
                        used,
                        threshold.asksToStopAt(percent),
                        businessTime.instant()))
                .toList();
    }

    /** Tells the ledger. Telling again changes nothing. */
    public void send(List<NoticeThresholdReached> notices) {
        if (notices.isEmpty()) {
            return;
        }
        List<Decision> decisions = ledger.handleAll(notices);
        for (int i = 0; i < notices.size(); i++) {
            NoticeThresholdReached notice = notices.get(i);
            switch (decisions.get(i)) {
                case Decision.Done _ ->
                    log.atInfo()
                            .addKeyValue("instance", notice.instanceId().value())
                            .addKeyValue("threshold", notice.threshold().threshold())
                            .addKeyValue("percent", notice.percent())
                            .log("threshold reached");
                case Decision.Refused(String rule, String _) ->
                    log.atError()
                            .addKeyValue("instance", notice.instanceId().value())
                            .addKeyValue("threshold", notice.threshold().threshold())
                            .addKeyValue("rule", rule)
                            .log("the ledger does not take that a threshold is reached");
                case Decision.AlreadyDone _, Decision.UnknownInstance _ -> {
                    // somebody else noticed it
                }
            }
        }
    }
}
