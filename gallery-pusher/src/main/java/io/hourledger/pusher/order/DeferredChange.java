package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.ExpireInstance;
import io.hourledger.contracts.instance.InstanceCommand.ExpirePackage;
import io.hourledger.contracts.instance.InstanceCommand.FreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.FreezePackage;
import io.hourledger.contracts.instance.InstanceCommand.RenewInstance;
import io.hourledger.contracts.instance.InstanceCommand.RenewPackage;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezePackage;
import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Product;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A change of an instance's life as the marketplace's call tells it.
 *
 * @param orderId the order that renews or upgrades; null for the others
 * @param orderLineId the line that says what the instance goes on as; null if the order does not say it
 * @param productId the product that the call names; null if it names none
 * @param expiresAt until when it is renewed; null for the others
 * @param mayEndFreeze whether a renewal may end a freeze; false for the others
 * @param arrivedAt business time of the call, which tells none itself
 */
public record DeferredChange(
        Kind kind,
        @Nullable String orderId,
        @Nullable String orderLineId,
        @Nullable String productId,
        @Nullable Instant expiresAt,
        boolean mayEndFreeze,
        Instant arrivedAt) {

    /** What changes. */
    public enum Kind {
        FREEZE,
        UNFREEZE,
        EXPIRE,
        RENEW,
        UPGRADE;

        String stored() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Kind ofStored(String stored) {
            return valueOf(stored.toUpperCase(Locale.ROOT));
        }
    }

    public static DeferredChange freeze(Instant arrivedAt) {
        return new DeferredChange(Kind.FREEZE, null, null, null, null, false, arrivedAt);
    }

    public static DeferredChange unfreeze(Instant arrivedAt) {
        return new DeferredChange(Kind.UNFREEZE, null, null, null, null, false, arrivedAt);
    }

    public static DeferredChange expire(Instant arrivedAt) {
        return new DeferredChange(Kind.EXPIRE, null, null, null, null, false, arrivedAt);
    }

    /**
     * @param orderLineId the line that says what the instance goes on as; null if the call itself does
     * @param productId what the call says that the instance goes on as; null if it says nothing
     * @param mayEndFreeze whether no other call of its generation ends a freeze that stood for an expiry
     */
    public static DeferredChange renew(
            String orderId,
            @Nullable String orderLineId,
            @Nullable String productId,
            Instant expiresAt,
            boolean mayEndFreeze,
            Instant arrivedAt) {
        return new DeferredChange(Kind.RENEW, orderId, orderLineId, productId, expiresAt, mayEndFreeze, arrivedAt);
    }

    /**
     * @param productId which product of the line it is; null if the call does not name it
     */
    public static DeferredChange upgrade(
            String orderId, String orderLineId, @Nullable String productId, Instant arrivedAt) {
        return new DeferredChange(Kind.UPGRADE, orderId, orderLineId, productId, null, false, arrivedAt);
    }

    /** How a person is told of it. */
    String named() {
        return orderId == null ? kind.name() : kind + " by order " + orderId;
    }

    /** Whether the instance goes on as a product that has to be looked up. */
    public boolean leadsToAProduct() {
        return orderLineId != null || productId != null;
    }

    /**
     * What it asks of the ledger.
     *
     * @param target the product that it leads to; null if it leads to none
     */
    public InstanceCommand command(InstanceId instance, @Nullable Product target) {
        return switch (kind) {
            case FREEZE -> new FreezeInstance(instance, arrivedAt);
            case UNFREEZE -> new UnfreezeInstance(instance, arrivedAt);
            case EXPIRE -> new ExpireInstance(instance, arrivedAt);
            case RENEW ->
                new RenewInstance(
                        instance, Objects.requireNonNull(orderId), expiresAt, target, mayEndFreeze, arrivedAt);
            case UPGRADE ->
                new UpgradeInstance(
                        instance, Objects.requireNonNull(orderId), Objects.requireNonNull(target), arrivedAt);
        };
    }

    /**
     * What it asks of the ledger if it is a package that changes; empty if a package cannot change so.
     *
     * @param served the pay-per-use instance that the package is for
     */
    public Optional<InstanceCommand> packageCommand(InstanceId served, String packageInstanceId) {
        return switch (kind) {
            case FREEZE -> Optional.of(new FreezePackage(served, packageInstanceId, arrivedAt));
            case UNFREEZE -> Optional.of(new UnfreezePackage(served, packageInstanceId, arrivedAt));
            case EXPIRE -> Optional.of(new ExpirePackage(served, packageInstanceId, arrivedAt));
            case RENEW ->
                Optional.of(new RenewPackage(
                        served,
                        packageInstanceId,
                        Objects.requireNonNull(orderId),
                        expiresAt,
                        mayEndFreeze,
                        arrivedAt));
            case UPGRADE -> Optional.empty();
        };
    }
}
