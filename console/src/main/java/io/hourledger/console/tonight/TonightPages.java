package io.hourledger.console.tonight;

import io.hourledger.ledger.projection.WithheldUsage;
import io.hourledger.ledger.statement.OutboxHours;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import tools.jackson.databind.JsonNode;

/** Will every hour be in time, and what needs a person. What could not be asked is said, and never shown as quiet. */
@Controller
final class TonightPages {

    private final TonightSettings settings;
    private final ServiceClient services;
    private final OutboxHours outbox;
    private final DataSource database;
    private final Clock businessTime;

    TonightPages(
            TonightSettings settings,
            ServiceClient services,
            OutboxHours outbox,
            DataSource database,
            Clock businessTime) {
        this.settings = settings;
        this.services = services;
        this.outbox = outbox;
        this.database = database;
        this.businessTime = businessTime;
    }

    /**
     * A partition as the aggregator tells of it.
     *
     * @param inTime false whatever else the verdict is
     */
    record Partition(
            String number,
            String verdict,
            boolean inTime,
            String unread,
            String hour,
            String deadline,
            String left,
            String owner,
            String cause) {}

    /** Something of the pusher's that only a person can settle. */
    record Case(String instanceId, String what, String why, String since, String meteringSn) {}

    @GetMapping("/tonight")
    String tonight(Model model) {
        ServiceAnswer lag = aggregator("/lag");
        ServiceAnswer push = pusher("/operator/pusher");
        ServiceAnswer records = pusher("/operator/pusher/records-needing-review?limit=50");
        ServiceAnswer unopened = pusher("/operator/pusher/unopened-instances?limit=50");
        ServiceAnswer undone = pusher("/operator/pusher/undone-changes");
        JsonNode told = lag.json();
        JsonNode queue = push.json();
        model.addAttribute("now", businessTime.instant());
        model.addAttribute("lagProblem", lag.problem());
        model.addAttribute("lag", told == null ? null : verdict(told));
        model.addAttribute("partitions", partitions(told));
        model.addAttribute("pushProblem", push.problem());
        model.addAttribute("push", queue == null ? null : PushState.of(queue));
        model.addAttribute(
                "casesProblem",
                Stream.of(records, unopened, undone)
                        .map(ServiceAnswer::problem)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null));
        model.addAttribute("cases", cases(records.json(), unopened.json(), undone.json()));
        model.addAttribute("outbox", outbox.read());
        model.addAttribute("withheld", WithheldUsage.openIn(database));
        return "tonight";
    }

    /** How the night goes in one word and one sentence. */
    record Verdict(String verdict, boolean inTime, String cause, String at) {}

    /**
     * What the pusher says of itself.
     *
     * @param stands why nothing is pushed, one sentence each
     */
    record PushState(
            String lease, String inTime, String late, String needReview, String lastAcceptedAt, List<String> stands) {

        static PushState of(JsonNode json) {
            List<String> stands = new ArrayList<>();
            for (String name : List.of("stoppedBecause", "suspendedBecause")) {
                String why = text(json, name);
                if (!why.isEmpty()) {
                    stands.add(why);
                }
            }
            JsonNode stalled = json.path("stalled");
            if (stalled.isObject()) {
                stands.add("Nothing was accepted for " + text(stalled, "since") + ": " + text(stalled, "whatToDo"));
            }
            if (json.path("inShadow").asBoolean(false)) {
                stands.add("The account is in shadow: another system reports, and nothing is sent.");
            }
            return new PushState(
                    text(json, "lease"),
                    text(json, "inTime"),
                    text(json, "late"),
                    text(json, "needReview"),
                    text(json, "lastAcceptedAt"),
                    stands);
        }
    }

    private static Verdict verdict(JsonNode lag) {
        String verdict = text(lag, "verdict");
        return new Verdict(words(verdict), isInTime(verdict), text(lag, "cause"), text(lag, "at"));
    }

    private static List<Partition> partitions(@Nullable JsonNode lag) {
        List<Partition> partitions = new ArrayList<>();
        if (lag != null) {
            for (JsonNode one : lag.path("partitions")) {
                String verdict = text(one, "verdict");
                partitions.add(new Partition(
                        text(one, "partition"),
                        words(verdict),
                        isInTime(verdict),
                        text(one, "lag"),
                        text(one, "hour"),
                        text(one, "deadline"),
                        left(one.path("secondsLeft")),
                        text(one, "owner"),
                        isInTime(verdict) ? "" : text(one, "cause")));
            }
        }
        return partitions;
    }

    private static List<Case> cases(
            @Nullable JsonNode records, @Nullable JsonNode unopened, @Nullable JsonNode undone) {
        List<Case> cases = new ArrayList<>();
        if (records != null) {
            for (JsonNode one : records) {
                cases.add(new Case(
                        text(one, "instanceId"),
                        "record " + text(one, "state"),
                        text(one, "code") + " " + text(one, "detail"),
                        text(one, "since"),
                        text(one, "meteringSn")));
            }
        }
        if (unopened != null) {
            for (JsonNode one : unopened) {
                cases.add(new Case(
                        text(one, "instanceId"),
                        "instance not open: " + text(one, "state"),
                        text(one, "reason"),
                        text(one, "firstCalledAt"),
                        ""));
            }
        }
        if (undone != null) {
            for (JsonNode one : undone) {
                cases.add(new Case(
                        text(one, "instanceId"),
                        text(one, "kind") + " by order " + text(one, "orderId") + " not done",
                        text(one, "reason"),
                        text(one, "firstCalledAt"),
                        ""));
            }
        }
        return cases;
    }

    private static boolean isInTime(String verdict) {
        return words(verdict).equals("in time");
    }

    private static String words(String verdict) {
        return verdict.toLowerCase(Locale.ROOT).replace('_', ' ').replace('-', ' ');
    }

    private static String left(JsonNode seconds) {
        if (!seconds.isNumber()) {
            return "?";
        }
        long minutes = Math.round(Math.floor(seconds.asDouble() / 60));
        return minutes < 0 ? -minutes + " min too late" : minutes + " min";
    }

    /** Empty for what is missing or null. */
    private static String text(JsonNode json, String name) {
        JsonNode value = json.path(name);
        return value.isMissingNode() || value.isNull() ? "" : value.asString("");
    }

    private ServiceAnswer aggregator(String path) {
        return services.ask(settings.aggregator(), path, "hourledger.console.aggregator");
    }

    private ServiceAnswer pusher(String path) {
        return services.ask(settings.pusher(), path, "hourledger.console.pusher");
    }
}
