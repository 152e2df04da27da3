package io.hourledger.pusher.notice;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.InstanceExpired;
import io.hourledger.contracts.instance.InstanceEvent.InstanceFrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceOpened;
import io.hourledger.contracts.instance.InstanceEvent.InstanceReleased;
import io.hourledger.contracts.instance.InstanceEvent.InstanceRenewed;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUpgraded;
import io.hourledger.contracts.instance.InstanceEvent.PackageUseUpNoticed;
import io.hourledger.contracts.instance.InstanceEvent.PackageUsedUp;
import io.hourledger.contracts.instance.InstanceEvent.ThresholdReached;
import io.hourledger.ledger.api.StoredEvent;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the app is told of one of its instances.
 *
 * @param id follows from all that the notice says and from nothing else: the same notice made again has the same id, and another one at the same
 *     place of a history that was restored has another
 * @param time business time
 * @param sequence the event's place in the instance's history: of two notices the one with the larger number is the later
 * @param data the members of {@code data}, in order; a null is left out
 * @param toldOnce of all notices with this text only the first is told; null if each is
 */
record Notice(
        String id,
        NoticeType type,
        String instanceId,
        Instant time,
        long sequence,
        Map<String, @Nullable Object> data,
        @Nullable String toldOnce) {

    /** The events that the app is told of. */
    static final Set<Class<? extends InstanceEvent>> EVENTS = Set.of(
            InstanceOpened.class,
            InstanceRenewed.class,
            InstanceFrozen.class,
            InstanceUnfrozen.class,
            InstanceUpgraded.class,
            InstanceExpired.class,
            InstanceReleased.class,
            PackageUseUpNoticed.class,
            PackageUsedUp.class,
            ThresholdReached.class);

    private static final int ID_BYTES = 16;

    /** Empty for an event that the app is not told of. */
    static Optional<Notice> of(StoredEvent stored) {
        long sequence = stored.sequenceNumber();
        return switch (stored.event()) {
            case InstanceOpened opened ->
                one(
                        NoticeType.OPENED,
                        opened,
                        sequence,
                        opened.openedAt(),
                        "orderId",
                        opened.order().orderId(),
                        "orderLineId",
                        opened.order().orderLineId(),
                        "productId",
                        opened.product().productId(),
                        "meter",
                        opened.product().meter(),
                        "chargingMode",
                        opened.product().chargingMode(),
                        "buyerId",
                        opened.buyerId(),
                        "test",
                        opened.test());
            case InstanceRenewed renewed ->
                one(
                        NoticeType.RENEWED,
                        renewed,
                        sequence,
                        renewed.renewedAt(),
                        "orderId",
                        renewed.orderId(),
                        "expiresAt",
                        renewed.expiresAt());
            case InstanceFrozen frozen -> one(NoticeType.FROZEN, frozen, sequence, frozen.frozenAt());
            case InstanceUnfrozen unfrozen -> one(NoticeType.UNFROZEN, unfrozen, sequence, unfrozen.unfrozenAt());
            case InstanceUpgraded upgraded ->
                one(
                        NoticeType.UPGRADED,
                        upgraded,
                        sequence,
                        upgraded.upgradedAt(),
                        "orderId",
                        upgraded.orderId(),
                        "productId",
                        upgraded.productId(),
                        "chargingMode",
                        upgraded.chargingMode());
            case InstanceExpired expired -> one(NoticeType.EXPIRED, expired, sequence, expired.expiredAt());
            case InstanceReleased released ->
                one(NoticeType.RELEASED, released, sequence, released.releasedAt(), "orderId", released.orderId());
            case PackageUseUpNoticed noticed ->
                usedUp(noticed, sequence, noticed.packageInstanceId(), noticed.noticedAt());
            case PackageUsedUp drawn -> usedUp(drawn, sequence, drawn.packageInstanceId(), drawn.usedUpAt());
            case ThresholdReached reached ->
                one(
                        NoticeType.THRESHOLD_REACHED,
                        reached,
                        sequence,
                        reached.reachedAt(),
                        "threshold",
                        reached.threshold().threshold(),
                        "period",
                        reached.threshold().period(),
                        "packageInstanceId",
                        reached.threshold().packageInstanceId(),
                        "from",
                        reached.threshold().from(),
                        "to",
                        reached.threshold().to(),
                        "percent",
                        reached.percent(),
                        "limit",
                        reached.limit(),
                        "amount",
                        reached.amount(),
                        "stop",
                        reached.stop());
            case InstanceEvent.HourMetered _,
                    InstanceEvent.UsageRecordIssued _,
                    InstanceEvent.UsageWithheld _,
                    InstanceEvent.UsageRecordReported _,
                    InstanceEvent.UsageRecordRefused _,
                    InstanceEvent.UsageRecordOutcomeUnknown _,
                    InstanceEvent.RemainderWrittenOff _,
                    InstanceEvent.PackageAdded _,
                    InstanceEvent.PackageFrozen _,
                    InstanceEvent.PackageUnfrozen _,
                    InstanceEvent.PackageExpired _,
                    InstanceEvent.PackageRenewed _,
                    InstanceEvent.PackageWithdrawn _,
                    InstanceEvent.PackageReleased _,
                    InstanceEvent.PackageDrawnDown _,
                    InstanceEvent.PackageDrawDownReversed _,
                    InstanceEvent.HourRecounted _,
                    InstanceEvent.WithheldUsageBilled _,
                    InstanceEvent.WithheldUsageWrittenOff _,
                    InstanceEvent.UsageRecordDisputed _,
                    InstanceEvent.UsageRecordDuplicateListed _,
                    InstanceEvent.UsageRecordReissued _,
                    InstanceEvent.UsageRecordWrittenOff _,
                    InstanceEvent.UsageRecordSettled _ -> Optional.empty();
        };
    }

    private static Optional<Notice> one(
            NoticeType type, InstanceEvent event, long sequence, Instant time, @Nullable Object... members) {
        return Optional.of(notice(type, event, sequence, time, null, data(event.instanceId(), members)));
    }

    /** Usage comes to the end of a package while it is counted, and again when it is drawn: the first of the two is told. */
    private static Optional<Notice> usedUp(InstanceEvent event, long sequence, String packageId, Instant time) {
        return Optional.of(notice(
                NoticeType.PACKAGE_USED_UP,
                event,
                sequence,
                time,
                event.instanceId() + " used-up " + packageId,
                data(event.instanceId(), "packageInstanceId", packageId)));
    }

    private static Notice notice(
            NoticeType type,
            InstanceEvent event,
            long sequence,
            Instant time,
            @Nullable String toldOnce,
            Map<String, @Nullable Object> data) {
        List<String> said =
                new ArrayList<>(List.of(event.instanceId(), Long.toString(sequence), type.text(), time.toString()));
        data.forEach((name, value) -> {
            if (value != null) {
                said.add(name);
                said.add(value.toString());
            }
        });
        return new Notice(id(said), type, event.instanceId(), time, sequence, data, toldOnce);
    }

    private static Map<String, @Nullable Object> data(String instanceId, @Nullable Object... members) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("instanceId", instanceId);
        for (int i = 0; i < members.length; i += 2) {
            data.put(String.valueOf(members[i]), members[i + 1]);
        }
        return data;
    }

    /** Safe in a header and in what is signed, whatever an instance is called. */
    private static String id(List<String> parts) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(String.join("\u0000", parts).getBytes(UTF_8));
            return "ntc_" + HexFormat.of().formatHex(Arrays.copyOf(digest, ID_BYTES));
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new IllegalStateException(everyPlatformHasIt);
        }
    }
}
