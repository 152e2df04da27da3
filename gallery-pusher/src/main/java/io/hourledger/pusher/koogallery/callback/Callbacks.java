package io.hourledger.pusher.koogallery.callback;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.appinfo.AppInfo;
import io.hourledger.pusher.appinfo.AppInfos;
import io.hourledger.pusher.appinfo.AppInfos.Told;
import io.hourledger.pusher.koogallery.callback.Call.InvalidCallException;
import io.hourledger.pusher.koogallery.callback.UsageSoFar.Shown;
import io.hourledger.pusher.order.InstanceOpening;
import io.hourledger.pusher.order.RequestedInstances;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What each V2.0 activity does (koogallery.md, section 4.4). A call has been verified and kept when it comes here. */
final class Callbacks {

    private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);
    private static final int MAX_QUERIED = 100;
    static final int ID_CHARS = 64;

    /** The marketplace waits for 5 s. */
    private static final Duration WAITS_FOR_AN_OPENING = Duration.ofSeconds(2);

    /** So many are opened at the same moment since they were asked for; of more the next turn of those that wait takes care. */
    private static final int OPENINGS = 2;

    private static final DateTimeFormatter STATISTICAL_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmssSSS").withZone(ZoneOffset.UTC);

    private final RequestedInstances requests;
    private final InstanceOpening opening;
    private final UsageSoFar usage;
    private final AppInfos appInfos;
    private final LifeCalls life;
    private final ChangeCheck changeCheck;
    private final LedgerQueries queries;
    private final Clock businessTime;
    private final Semaphore openings = new Semaphore(OPENINGS);

    Callbacks(
            RequestedInstances requests,
            InstanceOpening opening,
            UsageSoFar usage,
            AppInfos appInfos,
            LifeCalls life,
            ChangeCheck changeCheck,
            LedgerQueries queries,
            Clock businessTime) {
        this.requests = requests;
        this.opening = opening;
        this.usage = usage;
        this.appInfos = appInfos;
        this.life = life;
        this.changeCheck = changeCheck;
        this.queries = queries;
        this.businessTime = businessTime;
    }

    /**
     * @throws InvalidCallException if it lacks what it needs
     */
    CallbackAnswer answer(Call call) {
        if (namesAnotherAccountsInstance(call)) {
            return CallbackAnswer.of(
                    call.activity().equals("newInstance")
                            ? ResultCode.INVALID_PARAMETERS
                            : ResultCode.NO_SUCH_INSTANCE);
        }
        return switch (call.activity()) {
            case "newInstance" -> newInstance(call);
            case "queryInstance" -> queryInstance(call);
            case "refreshInstance" -> life.refresh(call);
            case "updateInstanceStatus" -> life.changeStatus(call, "status");
            case "upgradeInstance" -> life.upgrade(call, call.required("orderLineId", ID_CHARS));
            case "changeInstanceCheck" -> changeCheck.answer(call);
            case "releaseInstance" -> life.release(call);
            default -> CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, "no such activity");
        };
    }

    /** Who has one seller's key learns and changes nothing of another's. To it, such an instance is not there. */
    boolean namesAnotherAccountsInstance(Call call) {
        List<String> named = Stream.of("instanceId", "businessId")
                .flatMap(field -> call.optional(field, MAX_QUERIED * (ID_CHARS + 1)).stream())
                .flatMap(ids -> Arrays.stream(ids.split(",", -1)))
                .map(String::strip)
                .toList();
        boolean ofAnother =
                !named.isEmpty() && (requests.anyOfAnotherAccount(call.sender().account(), named) || anyUnsold(named));
        if (ofAnother) {
            LOG.atError()
                    .addKeyValue("account", call.sender().account())
                    .addKeyValue("activity", call.activity())
                    .log("a call names an instance of another seller account; nothing was done");
        }
        return ofAnother;
    }

    /** One that was opened without a marketplace is no seller's. */
    private boolean anyUnsold(List<String> named) {
        List<InstanceId> ids = named.stream()
                .filter(id -> !id.isBlank() && id.length() <= ID_CHARS)
                .distinct()
                .limit(MAX_QUERIED)
                .map(InstanceId::new)
                .toList();
        // at once: a look for each of a hundred would take longer than the marketplace waits
        return queries.instances(ids).values().stream()
                .anyMatch(instance -> instance.origin().order().account() == null);
    }

    private CallbackAnswer newInstance(Call call) {
        return open(
                call,
                call.required("orderId", ID_CHARS),
                call.required("orderLineId", ID_CHARS),
                call.optional("productId", ID_CHARS).orElse(""),
                call.required("businessId", ID_CHARS));
    }

    /**
     * Opens what an order asks for.
     *
     * @param productHint the product that the call names; empty if it names none
     */
    CallbackAnswer open(Call call, String orderId, String orderLineId, String productHint, String businessId) {
        if (requests.isOfTheOtherKind(businessId, call.test())) {
            return ofAnotherWorld(orderId, businessId, !call.test());
        }
        Requested requested = requests.remember(
                call.sender().account(),
                orderId,
                orderLineId,
                productHint,
                businessId,
                call.test(),
                businessTime.instant());
        if (requested.test() != call.test()) {
            return ofAnotherWorld(orderId, requested.instanceId(), requested.test());
        }
        return switch (opening.open(requested)) {
            case InstanceOpening.Outcome.Open(String instanceId) -> opened(call, instanceId, requested.firstCalledAt());
            case InstanceOpening.Outcome.Pending(String instanceId, String _, InstanceOpening.AwaitedFrom _) ->
                CallbackAnswer.of(ResultCode.IN_PROGRESS).withInstanceId(instanceId);
            case InstanceOpening.Outcome.GivenBack _ ->
                CallbackAnswer.of(ResultCode.INTERNAL_ERROR, "the order was released before it was opened");
            case InstanceOpening.Outcome.Nonsense(String why) -> nonsense(requested, why);
            case InstanceOpening.Outcome.TestFlagDiffers _ ->
                ofAnotherWorld(orderId, requested.instanceId(), !requested.test());
        };
    }

    /** Whether only debugging calls asked for this instance. */
    boolean isForDebugging(String instanceId) {
        return requests.isForDebugging(instanceId);
    }

    /** Whether this product of a V1.0 order is open. */
    boolean isOpen(Call call, String orderId, String productId) {
        return requests.isOpen(call.sender().account(), orderId, productId, call.test());
    }

    /** The usage of an instance counts from its opening on, also while the marketplace is told to wait for the app. */
    private CallbackAnswer opened(Call call, String instanceId, Instant firstCalledAt) {
        CallbackAnswer opened = CallbackAnswer.of(ResultCode.SUCCESS).withInstanceId(instanceId);
        Shown shown = usage.of(List.of(instanceId)).get(instanceId);
        if (shown == null) {
            return opened;
        }
        return switch (appInfos.ofNew(shown.subject(), firstCalledAt)) {
            case Told.Info(AppInfo info, AppInfos.Source _) ->
                opened.withAppInfo(AppInfoFields.of(info, call.sender().key()));
            case Told.Nothing _ -> opened;
            case Told.Awaited _ -> CallbackAnswer.of(ResultCode.IN_PROGRESS).withInstanceId(instanceId);
        };
    }

    /** Its usage is billed, or it is not: what is one cannot be given out as the other. */
    private static CallbackAnswer ofAnotherWorld(String orderId, String instanceId, boolean openedForDebugging) {
        LOG.atError()
                .addKeyValue("order", orderId)
                .addKeyValue("instance", instanceId)
                .addKeyValue("test", openedForDebugging)
                .log("an order was debugging in one call and real in another; nothing was done, a person must look");
        return CallbackAnswer.of(ResultCode.INTERNAL_ERROR, "the order was debugging in one call and real in another");
    }

    private static CallbackAnswer nonsense(Requested requested, String why) {
        LOG.atError()
                .addKeyValue("order", requested.orderId())
                .addKeyValue("why", why)
                .log("a call for a new instance makes no sense");
        return CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, why);
    }

    CallbackAnswer queryInstance(Call call) {
        List<String> ids = ids(call.required("instanceId", MAX_QUERIED * (ID_CHARS + 1)));
        openOneOf(ids);
        Map<String, Shown> shown = usage.of(ids);
        if (shown.isEmpty()) {
            return CallbackAnswer.of(requests.anyNotOpen(ids) ? ResultCode.IN_PROGRESS : ResultCode.NO_SUCH_INSTANCE);
        }
        Map<String, Told> told =
                appInfos.of(shown.values().stream().map(Shown::subject).toList());
        String now = STATISTICAL_TIME.format(businessTime.instant());
        List<Map<String, Object>> info = new ArrayList<>();
        for (String id : ids) {
            Shown one = shown.get(id);
            if (one != null) {
                instanceInfo(call, one, Objects.requireNonNull(told.get(id)), now)
                        .ifPresent(info::add);
            }
        }
        return info.isEmpty()
                ? CallbackAnswer.of(ResultCode.IN_PROGRESS)
                : CallbackAnswer.of(ResultCode.SUCCESS).withInfo(info);
    }

    /**
     * The marketplace asks again and again for what it was told to wait for. One is opened, on a thread of its own: whoever asks is answered from
     * what is open by then, however long its order's lookups take.
     */
    private void openOneOf(List<String> ids) {
        if (!openings.tryAcquire()) {
            return;
        }
        Optional<Requested> waiting;
        try {
            waiting = requests.claimTry(ids);
        } catch (RuntimeException broken) {
            openings.release();
            throw broken;
        }
        if (waiting.isEmpty()) {
            openings.release();
            return;
        }
        Thread opener = Thread.ofVirtual().name("open-asked-for").start(() -> {
            try {
                openLater(waiting.get());
            } finally {
                openings.release();
            }
        });
        try {
            opener.join(WAITS_FOR_AN_OPENING);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void openLater(Requested waiting) {
        try {
            var unused = opening.openLater(waiting);
        } catch (RuntimeException broken) {
            // what else is asked for is answered all the same
            LOG.atError()
                    .addKeyValue("order", waiting.orderId())
                    .setCause(broken)
                    .log("an instance that is asked for could not be opened; it is tried again");
        }
    }

    private static List<String> ids(String commaSeparated) {
        List<String> ids = Arrays.stream(commaSeparated.split(",", -1))
                .map(String::strip)
                .filter(id -> !id.isEmpty())
                .distinct()
                .toList();
        if (ids.isEmpty() || ids.size() > MAX_QUERIED) {
            throw new InvalidCallException("1 to " + MAX_QUERIED + " instances can be queried");
        }
        if (ids.stream().anyMatch(id -> id.length() > ID_CHARS)) {
            throw new InvalidCallException("an instance id is longer than " + ID_CHARS + " characters");
        }
        return ids;
    }

    /** Empty while its app is waited for: with the first answer that has it, the marketplace asks no more. */
    private Optional<Map<String, Object>> instanceInfo(Call call, Shown shown, Told told, String now) {
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("instanceId", shown.subject().instanceId());
        switch (told) {
            case Told.Info(AppInfo appInfo, AppInfos.Source _) ->
                info.put("appInfo", AppInfoFields.of(appInfo, call.sender().key()));
            case Told.Nothing _ -> {}
            case Told.Awaited _ -> {
                return Optional.empty();
            }
        }
        info.put(
                "usageInfo",
                shown.amounts().stream().map(used -> usageInfo(used, now)).toList());
        return Optional.of(info);
    }

    private static Map<String, Object> usageInfo(UsageSoFar.Used used, String now) {
        Map<String, Object> usageInfo = new LinkedHashMap<>();
        if (used.relatedInstanceId() != null) {
            usageInfo.put("relatedInstanceId", used.relatedInstanceId());
        }
        usageInfo.put(
                "usageValue",
                used.amount().setScale(BillableAmount.SCALE, RoundingMode.DOWN).toPlainString());
        usageInfo.put("statisticalTime", now);
        return usageInfo;
    }
}
