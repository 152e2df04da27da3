package io.hourledger.pusher.instances;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.instance.Account;
import io.hourledger.ledger.instance.Life;
import io.hourledger.ledger.instance.ProductHistory;
import io.hourledger.ledger.instance.ReachedThresholds;
import io.hourledger.pusher.order.UnopenedInstances;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What an operator sees of one instance, and how an operator opens one without a marketplace. */
@RestController
@RequestMapping("/operator/pusher/instances")
final class OperatorInstancesEndpoint {

    private static final int MOST_HOURS = 200;

    /** What a person ends, by the account in which such amounts lie. */
    private static final Map<Account, String> ENDED_BY_A_PERSON = Map.of(
            Account.UNKNOWN, "is in usage records whose outcome nobody knows",
            Account.REFUSED, "is in usage records that the marketplace has refused",
            Account.DISPUTED, "is in usage records that the marketplace rejected later");

    private final InstancesEndpoint.Reading reading;
    private final UnopenedInstances unopened;
    private final UnsoldInstances unsold;

    OperatorInstancesEndpoint(InstancesEndpoint.Reading reading, UnopenedInstances unopened, UnsoldInstances unsold) {
        this.reading = reading;
        this.unopened = unopened;
        this.unsold = unsold;
    }

    /**
     * Shows all that is known of an instance.
     *
     * @param hours how many closed hours, the newest first
     */
    @GetMapping("/{instanceId}")
    ResponseEntity<Object> show(@PathVariable String instanceId, @RequestParam(defaultValue = "24") int hours) {
        Optional<InstanceView> instance = reading.visible().find(instanceId);
        if (instance.isPresent()) {
            return ResponseEntity.ok(answer(instance.get(), Math.max(1, Math.min(MOST_HOURS, hours))));
        }
        return unopened.find(instanceId)
                .<ResponseEntity<Object>>map(ResponseEntity::ok)
                .orElseGet(
                        () -> problem(HttpStatus.NOT_FOUND, "nobody has ordered or opened an instance " + instanceId));
    }

    private Map<String, @Nullable Object> answer(InstanceView instance, int hours) {
        Map<String, @Nullable Object> answer =
                new LinkedHashMap<>(reading.answers().of(List.of(instance)).getFirst());
        answer.put("productId", instance.product().productId());
        answer.put("openedBy", instance.origin().openedBy());
        answer.put("billed", isBilled(instance));
        answer.put(
                "products",
                instance.life().products().periods().stream()
                        .map(OperatorInstancesEndpoint::product)
                        .toList());
        answer.put(
                "pauses",
                instance.life().pauses().stream()
                        .map(OperatorInstancesEndpoint::pause)
                        .toList());
        Map<String, @Nullable Object> usage = reading.usage().of(instance, null, hours);
        answer.put("usage", usage);
        answer.put(
                "thresholdsReached",
                instance.thresholds().latest().stream()
                        .map(OperatorInstancesEndpoint::reached)
                        .toList());
        List<String> waiting = waiting(instance);
        if (usage.get(InstanceUsage.INCOMPLETE) instanceof String incomplete) {
            waiting.add(incomplete);
        }
        answer.put("waitsForAPerson", waiting);
        return answer;
    }

    private static boolean isBilled(InstanceView instance) {
        return instance.origin().isSold() && !instance.origin().test();
    }

    private static Map<String, @Nullable Object> product(ProductHistory.Period period) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("productId", period.product().productId());
        answer.put("chargingMode", period.product().chargingMode().name());
        answer.put("from", period.from().toString());
        return answer;
    }

    private static Map<String, @Nullable Object> pause(Life.Pause pause) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("reason", pause.reason());
        answer.put("from", pause.from().toString());
        answer.put("to", InstanceAnswer.text(pause.to()));
        return answer;
    }

    private static Map<String, @Nullable Object> reached(ReachedThresholds.Reached reached) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("threshold", reached.threshold());
        answer.put("from", reached.from().toString());
        answer.put("packageInstanceId", reached.packageInstanceId());
        answer.put("percent", reached.percent());
        return answer;
    }

    /** Sentences; none if nobody need do anything. */
    private static List<String> waiting(InstanceView instance) {
        List<String> waiting = new ArrayList<>();
        for (Account account : Account.values()) {
            String what = ENDED_BY_A_PERSON.get(account);
            if (what != null && instance.totals().in(account).signum() != 0) {
                waiting.add(InstanceUsage.plain(instance.totals().in(account)) + " " + what);
            }
        }
        if (isBilled(instance) && instance.totals().in(Account.WITHHELD).signum() != 0) {
            waiting.add(InstanceUsage.plain(instance.totals().in(Account.WITHHELD))
                    + " is withheld; the hours say why, and what is sold by period stays so");
        }
        return waiting;
    }

    /**
     * An instance that nobody has ordered.
     *
     * @param instanceId the subject of its usage events
     * @param userId whoever uses it
     * @param who opens it
     * @param why for those who read it in a year
     */
    record Opening(
            @Nullable String instanceId,
            @Nullable String productId,
            @Nullable String userId,
            @Nullable String who,
            @Nullable String why) {}

    /** Opens an instance without a marketplace. The problem's {@code detail} is a sentence. */
    @PostMapping
    ResponseEntity<Object> open(@RequestBody Opening opening) {
        UnsoldInstances.Outcome outcome;
        try {
            outcome = unsold.open(
                    new InstanceId(Objects.requireNonNullElse(opening.instanceId(), "")),
                    Objects.requireNonNullElse(opening.productId(), ""),
                    Objects.requireNonNullElse(opening.userId(), "nobody"),
                    new DecidedBy(
                            Objects.requireNonNullElse(opening.who(), ""),
                            Objects.requireNonNullElse(opening.why(), "")));
        } catch (IllegalArgumentException incomplete) {
            return problem(HttpStatus.BAD_REQUEST, String.valueOf(incomplete.getMessage()));
        }
        return switch (outcome) {
            case UnsoldInstances.Outcome.Open _ -> ResponseEntity.noContent().build();
            case UnsoldInstances.Outcome.Impossible(String why) -> problem(HttpStatus.CONFLICT, why);
        };
    }

    private static ResponseEntity<Object> problem(HttpStatus status, String detail) {
        return ResponseEntity.status(status).body(ProblemDetail.forStatusAndDetail(status, detail));
    }
}
