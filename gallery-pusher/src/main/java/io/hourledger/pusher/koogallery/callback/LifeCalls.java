package io.hourledger.pusher.koogallery.callback;

import static io.hourledger.pusher.koogallery.callback.Callbacks.ID_CHARS;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.ReleaseInstance;
import io.hourledger.contracts.instance.InstanceCommand.ReleasePackage;
import io.hourledger.contracts.instance.InstanceCommand.RenewPackage;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.pusher.order.ChangeTargets;
import io.hourledger.pusher.order.DeferredChange;
import io.hourledger.pusher.order.DeferredChanges;
import io.hourledger.pusher.order.PackageInstances;
import io.hourledger.pusher.order.RequestedInstances;
import io.hourledger.pusher.order.UndoneChanges;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of both generations about an instance that was asked for: renewed, frozen, unfrozen, expired, upgraded, released. Each may come
 * again, and before it is open.
 */
final class LifeCalls {

    private static final Logger LOG = LoggerFactory.getLogger(LifeCalls.class);
    private static final int STATUS_CHARS = 32;

    private final RequestedInstances requests;
    private final DeferredChanges deferred;
    private final UndoneChanges undone;
    private final ChangeTargets targets;
    private final PackageInstances packages;
    private final Ledger ledger;
    private final LedgerQueries queries;
    private final Clock businessTime;

    LifeCalls(
            RequestedInstances requests,
            DeferredChanges deferred,
            UndoneChanges undone,
            ChangeTargets targets,
            PackageInstances packages,
            Ledger ledger,
            LedgerQueries queries,
            Clock businessTime) {
        this.requests = requests;
        this.deferred = deferred;
        this.undone = undone;
        this.targets = targets;
        this.packages = packages;
        this.ledger = ledger;
        this.queries = queries;
        this.businessTime = businessTime;
    }

    /**
     * V1.0. A trial that becomes formal is renewed, too. The product stands in the call if the kind of period changed. When a freeze ends
     * instanceStatus says.
     */
    CallbackAnswer renewOfFirstGeneration(Call call) {
        Instant now = businessTime.instant();
        String orderId = call.required("orderId", ID_CHARS);
        Instant expiresAt = call.requiredTime("expireTime");
        warnIfOver(call, expiresAt, now);
        return change(call, DeferredChange.renew(orderId, null, productId(call), expiresAt, false, now));
    }

    /**
     * V2.0, in every scene. It freezes what expired, and then says no more than this. The product stands in the call if the kind of period
     * changed or a trial was bought; of a renewal with a change it stands in the order.
     */
    CallbackAnswer refresh(Call call) {
        Instant now = businessTime.instant();
        RefreshScene scene = RefreshScene.of(call);
        String orderId = call.required("orderId", ID_CHARS);
        String orderLineId = call.required("orderLineId", ID_CHARS);
        Instant expiresAt = call.requiredTime("expireTime");
        String productId = productId(call);
        if (scene.beginsATerm()) {
            warnIfOver(call, expiresAt, now);
        }
        boolean asksTheOrder = scene == RefreshScene.RENEWAL_CHANGE && productId == null;
        return change(
                call,
                DeferredChange.renew(
                        orderId, asksTheOrder ? orderLineId : null, productId, expiresAt, scene.beginsATerm(), now));
    }

    private static @Nullable String productId(Call call) {
        return call.optional("productId", ID_CHARS).orElse(null);
    }

    private static void warnIfOver(Call call, Instant expiresAt, Instant now) {
        if (!expiresAt.isAfter(now)) {
            LOG.atError()
                    .addKeyValue("instance", instanceId(call).value())
                    .addKeyValue("expiresAt", expiresAt)
                    .log("a renewal names a term that is over; what has expired stays expired, a person must look");
        }
    }

    /**
     * V2.0 says UNFREEZE, V1.0 NORMAL (koogallery.md, section 9).
     *
     * @param field the name of the field that tells the status
     */
    CallbackAnswer changeStatus(Call call, String field) {
        return switch (call.required(field, STATUS_CHARS)) {
            case "FREEZE" -> change(call, DeferredChange.freeze(businessTime.instant()));
            case "UNFREEZE", "NORMAL" -> change(call, DeferredChange.unfreeze(businessTime.instant()));
            default -> CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, "no such status");
        };
    }

    CallbackAnswer expire(Call call) {
        return change(call, DeferredChange.expire(businessTime.instant()));
    }

    /**
     * The new product stands in the new order; which of several only if the call names it.
     *
     * @param orderLineId the line of that order
     */
    CallbackAnswer upgrade(Call call, String orderLineId) {
        return change(
                call,
                DeferredChange.upgrade(
                        call.required("orderId", ID_CHARS), orderLineId, productId(call), businessTime.instant()));
    }

    CallbackAnswer release(Call call) {
        InstanceId instanceId = instanceId(call);
        if (ofAnotherWorld(call)) {
            return debuggingOnly();
        }
        if (requests.releaseUnopened(instanceId.value())) {
            return CallbackAnswer.of(ResultCode.SUCCESS);
        }
        List<InstanceId> served = packages.servedBy(instanceId.value());
        if (!served.isEmpty()) {
            return withUndoneEnded(
                    instanceId,
                    ofPackage(
                            call,
                            served.stream()
                                    .map(one -> new ReleasePackage(one, instanceId.value(), businessTime.instant()))
                                    .toList()));
        }
        return withUndoneEnded(
                instanceId,
                decided(
                        call,
                        new ReleaseInstance(
                                instanceId, call.optional("orderId", ID_CHARS).orElse(null), businessTime.instant())));
    }

    /** Nothing that was not done will be done of what has ended. */
    private CallbackAnswer withUndoneEnded(InstanceId instanceId, CallbackAnswer released) {
        if (released.result() == ResultCode.SUCCESS) {
            undone.ended(instanceId.value());
        }
        return released;
    }

    /** Does it, or keeps it for the opening if the instance is not open yet. */
    private CallbackAnswer change(Call call, DeferredChange change) {
        InstanceId instanceId = instanceId(call);
        if (ofAnotherWorld(call)) {
            return debuggingOnly();
        }
        if (deferred.keepUnlessOpen(instanceId.value(), change)) {
            LOG.atInfo()
                    .addKeyValue("instance", instanceId.value())
                    .addKeyValue("activity", call.activity())
                    .log("a change is kept until its instance is opened");
            return CallbackAnswer.of(ResultCode.SUCCESS);
        }
        List<InstanceId> served = packages.servedBy(instanceId.value());
        if (!served.isEmpty()) {
            return withUndoneRecorded(
                    instanceId,
                    change,
                    ofPackage(
                            call,
                            served.stream()
                                    .flatMap(one -> change.packageCommand(one, instanceId.value()).stream())
                                    .toList()));
        }
        return change.orderId() == null
                ? decided(call, change.command(instanceId, null))
                : byOrder(call, instanceId, change);
    }

    /** A renewal or an upgrade. What is not done is kept for a person: the marketplace calls once, and then only when it is told to. */
    private CallbackAnswer byOrder(Call call, InstanceId instanceId, DeferredChange change) {
        Optional<InstanceView> instance = queries.instance(instanceId);
        if (instance.isEmpty()) {
            return CallbackAnswer.of(ResultCode.NO_SUCH_INSTANCE);
        }
        ChangeTargets.Changing changing = new ChangeTargets.Changing(
                call.sender().account(),
                instanceId,
                instance.get().origin().product().meter(),
                instance.get().origin().test());
        return switch (targets.of(changing, change)) {
            case ChangeTargets.Target.Known known ->
                withUndoneRecorded(instanceId, change, decided(call, change.command(instanceId, known.product())));
            case ChangeTargets.Target.NotNow(String why) -> notDone(instanceId, change, why);
            case ChangeTargets.Target.Held(String why) -> notDone(instanceId, change, why);
        };
    }

    private CallbackAnswer withUndoneRecorded(InstanceId instanceId, DeferredChange change, CallbackAnswer answer) {
        if (answer.result() == ResultCode.SUCCESS) {
            undone.done(instanceId.value(), change);
        } else {
            undone.keep(instanceId.value(), change, answer.message());
        }
        return answer;
    }

    /**
     * The commands go to the pay-per-use instances that the package is for. There are none if it is upgraded: no document says what becomes of
     * its rest. One that has expired goes on with what was left when it is renewed; whether it is filled again no document says either.
     */
    private CallbackAnswer ofPackage(Call call, List<? extends InstanceCommand> commands) {
        if (commands.isEmpty()) {
            LOG.atError()
                    .addKeyValue("package", instanceId(call).value())
                    .addKeyValue("activity", call.activity())
                    .log("what this means for a package no document says; nothing was done, a person must look");
            return CallbackAnswer.of(ResultCode.INTERNAL_ERROR, "a package is not upgraded");
        }
        List<Decision> decisions = ledger.handleAll(commands);
        for (Decision decision : decisions) {
            if (decision instanceof Decision.Refused refused) {
                return refused(call, instanceId(call).value(), refused);
            }
        }
        if (commands.getFirst() instanceof RenewPackage
                && decisions.stream().anyMatch(Decision.Done.class::isInstance)) {
            LOG.atError()
                    .addKeyValue("package", instanceId(call).value())
                    .log("a package was renewed; whether it is filled again a person must find out");
        }
        return done(call, instanceId(call).value());
    }

    private CallbackAnswer notDone(InstanceId instanceId, DeferredChange change, String why) {
        undone.keep(instanceId.value(), change, why);
        LOG.atError()
                .addKeyValue("instance", instanceId.value())
                .addKeyValue("order", change.orderId())
                .addKeyValue("change", change.kind())
                .addKeyValue("why", why)
                .log("a change was not done; once that is mended it must be called again from the console");
        return CallbackAnswer.of(ResultCode.INTERNAL_ERROR, why);
    }

    private CallbackAnswer decided(Call call, InstanceCommand command) {
        String instanceId = command.instanceId().value();
        return switch (ledger.handle(command)) {
            case Decision.UnknownInstance _ -> CallbackAnswer.of(ResultCode.NO_SUCH_INSTANCE);
            case Decision.Refused refused -> refused(call, instanceId, refused);
            case Decision.Done _ -> done(call, instanceId);
            case Decision.AlreadyDone _ -> CallbackAnswer.of(ResultCode.SUCCESS);
        };
    }

    private static CallbackAnswer refused(Call call, String instanceId, Decision.Refused refused) {
        LOG.atError()
                .addKeyValue("instance", instanceId)
                .addKeyValue("activity", call.activity())
                .addKeyValue("rule", refused.rule())
                .addKeyValue("detail", refused.detail())
                .log("the ledger does not do what the marketplace says");
        return CallbackAnswer.of(ResultCode.INTERNAL_ERROR, refused.detail());
    }

    private static CallbackAnswer done(Call call, String instanceId) {
        LOG.atInfo()
                .addKeyValue("instance", instanceId)
                .addKeyValue("activity", call.activity())
                .log("an instance's life went on");
        return CallbackAnswer.of(ResultCode.SUCCESS);
    }

    private static CallbackAnswer debuggingOnly() {
        return CallbackAnswer.of(ResultCode.NO_SUCH_INSTANCE, "a debugging call is about debugging instances only");
    }

    /** Debugging calls reach the production address; they must not touch what is billed. */
    private boolean ofAnotherWorld(Call call) {
        return call.test() && !requests.isForDebugging(instanceId(call).value());
    }

    private static InstanceId instanceId(Call call) {
        return new InstanceId(call.required("instanceId", ID_CHARS));
    }
}
