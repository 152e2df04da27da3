package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceEvent.HourRecounted;
import io.hourledger.contracts.instance.InstanceEvent.InstanceExpired;
import io.hourledger.contracts.instance.InstanceEvent.InstanceFrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceOpened;
import io.hourledger.contracts.instance.InstanceEvent.InstanceReleased;
import io.hourledger.contracts.instance.InstanceEvent.InstanceRenewed;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUpgraded;
import io.hourledger.contracts.instance.InstanceEvent.PackageAdded;
import io.hourledger.contracts.instance.InstanceEvent.PackageDrawnDown;
import io.hourledger.contracts.instance.InstanceEvent.PackageUseUpNoticed;
import io.hourledger.contracts.instance.InstanceEvent.PackageUsedUp;
import io.hourledger.contracts.instance.InstanceEvent.RemainderWrittenOff;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDisputed;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDuplicateListed;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordOutcomeUnknown;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordRefused;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReissued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReported;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordSettled;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordWrittenOff;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageBilled;
import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageWrittenOff;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/** One event of each kind. */
final class EventExamples {

    private static final String ID = "i-1";
    private static final String SN = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978";
    private static final String WHO = "li.wei";
    private static final String WHY = "agreed with the buyer on the phone";
    private static final Instant HOUR = Instant.parse("2026-02-01T13:00:00Z");
    private static final Instant CLOSED = Instant.parse("2026-02-01T14:02:00.250Z");

    private EventExamples() {}

    static List<InstanceEvent> all() {
        return List.of(
                new InstanceOpened(
                        ID, "CS-1", "CS-1-1", "P-1", "egress", "ON_DEMAND", "FIXED", "HOURLY", "buyer-1", false, HOUR),
                new HourMetered(
                        ID,
                        HOUR,
                        0,
                        "egress",
                        new BigDecimal("1234.567891"),
                        42,
                        HOUR.plusMillis(1),
                        HOUR.plusMillis(3_599_999),
                        3,
                        1000,
                        1200,
                        1,
                        CLOSED),
                new UsageRecordIssued(
                        ID,
                        SN,
                        HOUR,
                        0,
                        HOUR,
                        HOUR.plusSeconds(3600),
                        new BigDecimal("1234.5678"),
                        new BigDecimal("0.000091"),
                        Instant.parse("2026-02-01T14:02:00Z"),
                        "pkg-1"),
                new UsageWithheld(ID, HOUR, 0, new BigDecimal("1234.567891"), "test-instance", CLOSED),
                new UsageRecordReported(ID, SN, HOUR, 0, new BigDecimal("1234.5678"), "in-flight", CLOSED),
                new UsageRecordRefused(
                        ID,
                        SN,
                        HOUR,
                        0,
                        new BigDecimal("1234.5678"),
                        "in-flight",
                        "MKT.9001",
                        "instance ID not found",
                        CLOSED),
                new UsageRecordOutcomeUnknown(
                        ID, SN, HOUR, 0, new BigDecimal("1234.5678"), "in-flight", "no answer came", CLOSED),
                new RemainderWrittenOff(ID, new BigDecimal("0.000091"), WHO, "released", CLOSED),
                new InstanceReleased(ID, "CS-2", HOUR),
                new InstanceRenewed(ID, "CS-3", HOUR.plusSeconds(86_400), HOUR),
                new InstanceUpgraded(ID, "CS-4", "P-2", "ON_DEMAND", "TIERED", "DAILY", HOUR),
                new InstanceFrozen(ID, HOUR),
                new InstanceUnfrozen(ID, HOUR),
                new InstanceExpired(ID, HOUR),
                new PackageAdded(ID, "pkg-1", new BigDecimal("5000"), HOUR),
                new PackageUseUpNoticed(ID, "pkg-1", CLOSED),
                new PackageDrawnDown(ID, "pkg-1", SN, new BigDecimal("1234.5678"), new BigDecimal("3765.4322"), CLOSED),
                new PackageUsedUp(ID, "pkg-1", CLOSED),
                new HourRecounted(
                        ID, HOUR, 0, new BigDecimal("1000"), new BigDecimal("234.567891"), "outside-life", CLOSED),
                new WithheldUsageBilled(ID, HOUR, 0, new BigDecimal("1234.567891"), WHO, WHY, CLOSED),
                new WithheldUsageWrittenOff(ID, HOUR, 0, new BigDecimal("1234.567891"), WHO, WHY, CLOSED),
                new UsageRecordDisputed(
                        ID,
                        SN,
                        HOUR,
                        0,
                        new BigDecimal("1234.5678"),
                        "reported",
                        "013",
                        WHO,
                        "resource state abnormal",
                        CLOSED),
                new UsageRecordDuplicateListed(ID, SN, HOUR, 0, "010", WHO, "a second copy in the console", CLOSED),
                new UsageRecordReissued(ID, SN, HOUR, 0, new BigDecimal("1234.5678"), "disputed", WHO, WHY, CLOSED),
                new UsageRecordWrittenOff(ID, SN, HOUR, 0, new BigDecimal("1234.5678"), "refused", WHO, WHY, CLOSED),
                new UsageRecordSettled(
                        ID, SN, HOUR, 0, new BigDecimal("1234.5678"), "unknown", true, WHO, WHY, CLOSED));
    }
}
