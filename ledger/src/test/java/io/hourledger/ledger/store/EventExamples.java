package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.HourPart;
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
import io.hourledger.contracts.instance.InstanceEvent.PackageDrawDownReversed;
import io.hourledger.contracts.instance.InstanceEvent.PackageDrawnDown;
import io.hourledger.contracts.instance.InstanceEvent.PackageExpired;
import io.hourledger.contracts.instance.InstanceEvent.PackageFrozen;
import io.hourledger.contracts.instance.InstanceEvent.PackageReleased;
import io.hourledger.contracts.instance.InstanceEvent.PackageRenewed;
import io.hourledger.contracts.instance.InstanceEvent.PackageUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.PackageUseUpNoticed;
import io.hourledger.contracts.instance.InstanceEvent.PackageUsedUp;
import io.hourledger.contracts.instance.InstanceEvent.PackageWithdrawn;
import io.hourledger.contracts.instance.InstanceEvent.RemainderWrittenOff;
import io.hourledger.contracts.instance.InstanceEvent.ThresholdReached;
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
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.instance.OrderLine;
import io.hourledger.contracts.instance.ProductTerms;
import io.hourledger.contracts.instance.RecordRef;
import io.hourledger.contracts.instance.ThresholdRef;
import io.hourledger.contracts.marketplace.UsageWindow;
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

    private static final RecordRef RECORD = new RecordRef(SN, HOUR, 0);
    private static final DecidedBy BY = new DecidedBy(WHO, WHY);

    private EventExamples() {}

    static List<InstanceEvent> all() {
        return List.of(
                new InstanceOpened(
                        ID,
                        new OrderLine("CS-1", "CS-1-1", "default"),
                        new ProductTerms("P-1", "egress", "ON_DEMAND", "FIXED", "HOURLY"),
                        "buyer-1",
                        false,
                        HOUR),
                new HourMetered(
                        ID,
                        HOUR,
                        0,
                        new CountedBy("egress", 1),
                        new BigDecimal("1234.567891"),
                        new EventSpan(42, HOUR.plusMillis(1), HOUR.plusMillis(3_599_999)),
                        new LogPosition(3, 1000, 1200),
                        CLOSED),
                new UsageRecordIssued(
                        ID,
                        RECORD,
                        new UsageWindow(HOUR, HOUR.plusSeconds(3600)),
                        new BigDecimal("1234.5678"),
                        new BigDecimal("0.000091"),
                        Instant.parse("2026-02-01T14:02:00Z"),
                        "pkg-1"),
                new UsageWithheld(ID, HOUR, 0, new BigDecimal("1234.567891"), "test-instance", CLOSED),
                new UsageRecordReported(ID, RECORD, new BigDecimal("1234.5678"), "in-flight", CLOSED),
                new UsageRecordRefused(
                        ID,
                        RECORD,
                        new BigDecimal("1234.5678"),
                        "in-flight",
                        "MKT.9001",
                        "instance ID not found",
                        CLOSED),
                new UsageRecordOutcomeUnknown(
                        ID, RECORD, new BigDecimal("1234.5678"), "in-flight", "no answer came", CLOSED),
                new RemainderWrittenOff(ID, new BigDecimal("0.000091"), WHO, "released", CLOSED),
                new InstanceReleased(ID, "CS-2", HOUR),
                new InstanceRenewed(ID, "CS-3", HOUR.plusSeconds(86_400), HOUR),
                new InstanceUpgraded(ID, "CS-4", "P-2", "ON_DEMAND", "TIERED", "DAILY", HOUR),
                new InstanceFrozen(ID, HOUR),
                new InstanceUnfrozen(ID, HOUR),
                new InstanceExpired(ID, HOUR),
                new PackageAdded(ID, "pkg-1", new BigDecimal("5000"), HOUR),
                new PackageFrozen(ID, "pkg-1", HOUR),
                new PackageUnfrozen(ID, "pkg-1", HOUR),
                new PackageExpired(ID, "pkg-1", HOUR),
                new PackageRenewed(ID, "pkg-1", "CS-2", HOUR),
                new PackageReleased(ID, "pkg-1", new BigDecimal("3765.4322"), HOUR),
                new PackageUseUpNoticed(ID, "pkg-1", CLOSED),
                new PackageDrawnDown(ID, "pkg-1", SN, new BigDecimal("1234.5678"), new BigDecimal("3765.4322"), CLOSED),
                new PackageDrawDownReversed(
                        ID, "pkg-1", SN, new BigDecimal("1234.5678"), new BigDecimal("5000"), CLOSED),
                new PackageUsedUp(ID, "pkg-1", CLOSED),
                new ThresholdReached(
                        ID,
                        new ThresholdRef("month-cap", "month", HOUR.minusSeconds(75_600), HOUR.plusSeconds(2_343_600)),
                        80,
                        new BigDecimal("10000"),
                        new BigDecimal("8000.25"),
                        false,
                        CLOSED),
                new HourRecounted(
                        ID,
                        HOUR,
                        0,
                        new BigDecimal("1000"),
                        new BigDecimal("234.567891"),
                        new BigDecimal("234.567891"),
                        "outside-life",
                        List.of(new HourPart(HOUR, HOUR.plusSeconds(1800), new BigDecimal("-0.25"))),
                        CLOSED),
                new WithheldUsageBilled(
                        ID,
                        HOUR,
                        0,
                        new BigDecimal("1234.567891"),
                        false,
                        new HourPart(HOUR, HOUR.plusSeconds(60), new BigDecimal("1234.567891")),
                        BY,
                        CLOSED),
                new WithheldUsageWrittenOff(ID, HOUR, 0, new BigDecimal("1234.567891"), BY, CLOSED),
                new UsageRecordDisputed(
                        ID,
                        RECORD,
                        new BigDecimal("1234.5678"),
                        "reported",
                        "013",
                        new DecidedBy(WHO, "resource state abnormal"),
                        CLOSED),
                new UsageRecordDuplicateListed(
                        ID, RECORD, "010", new DecidedBy(WHO, "a second copy in the console"), CLOSED),
                new UsageRecordReissued(ID, RECORD, new BigDecimal("1234.5678"), "disputed", BY, CLOSED),
                new UsageRecordWrittenOff(ID, RECORD, new BigDecimal("1234.5678"), "refused", BY, CLOSED),
                new UsageRecordSettled(ID, RECORD, new BigDecimal("1234.5678"), "unknown", true, BY, CLOSED),
                new PackageWithdrawn(ID, "pkg-1", new BigDecimal("5000"), BY, CLOSED));
    }
}
