package io.hourledger.cli.ledger;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.BillWithheldUsage;
import io.hourledger.contracts.instance.InstanceCommand.DisputeUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.RefuseUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReissueUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.SettleUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffWithheldUsage;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.Decision.Refused;
import io.hourledger.pusher.push.Withdrawal;
import java.time.Instant;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The decisions, each a command of its own under {@code ./metering ledger decide}. */
final class Decisions {

    private Decisions() {}

    /** About one usage record. */
    abstract static class AboutRecord extends PersonsDecision {
        /** Of an instance that waits for the projections, only its events tell. */
        private static final String INSTANCE =
                """
                select instance_id from ledger.usage_record where metering_sn = ?
                union all
                select waits.instance_id from ledger.dead_letter waits
                where waits.reader = 'projections'
                  and exists (select from ledger.event e
                              where e.instance_id = waits.instance_id and e.event_type = 'usage-record-issued'
                                and e.payload ->> 'meteringSn' = ?)""";

        @Parameters(paramLabel = "METERING_SN", description = "the record's serial number")
        private String meteringSn = "";

        @Override
        final InstanceCommand command(LedgerDatabase.Open ledger, DecidedBy by, Instant at) {
            MeteringSn sn = new MeteringSn(meteringSn);
            InstanceId instance = ledger.jdbc().queryForList(INSTANCE, String.class, sn.value(), sn.value()).stream()
                    .findFirst()
                    .map(InstanceId::new)
                    .orElseThrow(() -> new NothingThereException("the ledger has no record " + meteringSn));
            return command(instance, sn, by, at);
        }

        abstract InstanceCommand command(InstanceId instance, MeteringSn sn, DecidedBy by, Instant at);

        final String meteringSn() {
            return meteringSn;
        }
    }

    /** About what is withheld of one hour. */
    abstract static class AboutHour extends PersonsDecision {
        @Parameters(index = "0", paramLabel = "INSTANCE", description = "its id")
        private String instance = "";

        @Parameters(
                index = "1",
                paramLabel = "HOUR",
                description = "when the hour begins, such as 2026-11-24T14:00:00Z")
        private Instant hour = Instant.EPOCH;

        @Option(names = "--revision", paramLabel = "N", defaultValue = "0", description = "of the hour (default: 0)")
        private int revision;

        @Override
        final InstanceCommand command(LedgerDatabase.Open ledger, DecidedBy by, Instant at) {
            return command(new InstanceId(instance), usageHour(hour), revision, by, at);
        }

        abstract InstanceCommand command(InstanceId instance, UsageHour hour, int revision, DecidedBy by, Instant at);

        private UsageHour usageHour(Instant start) {
            try {
                return new UsageHour(start);
            } catch (IllegalArgumentException notAnHour) {
                throw wrong(String.valueOf(notAnHour.getMessage()));
            }
        }
    }

    @Command(
            name = "billed",
            header = "An unknown record was billed: the marketplace has it. It counts as reported.",
            footer = {
                "",
                "Example: … decide billed 3f0c66f1… --data-dir data --who li.wei --why \"seen in the console\" --yes"
            })
    static final class Billed extends AboutRecord {
        @Override
        InstanceCommand command(InstanceId instance, MeteringSn sn, DecidedBy by, Instant at) {
            return SettleUsageRecord.asReported(instance, sn, by, at);
        }
    }

    @Command(
            name = "not-billed",
            header = "An unknown record was not billed. It counts as refused; then reissue it or write it off.",
            footer = {
                "",
                "Example: … decide not-billed 3f0c66f1… --data-dir data --who li.wei --why \"not in the console\" --yes"
            })
    static final class NotBilled extends AboutRecord {
        @Override
        InstanceCommand command(InstanceId instance, MeteringSn sn, DecidedBy by, Instant at) {
            return SettleUsageRecord.asRefused(instance, sn, by, at);
        }
    }

    @Command(
            name = "reissue",
            header =
                    "Bill the amount of a refused or disputed record again, in another window under another serial number.",
            description = {"", "Refused for a record that the console lists as a duplicate: its first copy is billed."},
            footer = {
                "",
                "Example: … decide reissue 3f0c66f1… --data-dir data --who li.wei --why \"instance mended\" --yes"
            })
    static final class Reissue extends AboutRecord {
        @Override
        InstanceCommand command(InstanceId instance, MeteringSn sn, DecidedBy by, Instant at) {
            return new ReissueUsageRecord(instance, sn, by, at);
        }
    }

    @Command(
            name = "write-off",
            header = "Give up the amount of a refused, unknown or disputed record.",
            footer = {"", "Example: … decide write-off 3f0c66f1… --data-dir data --who li.wei --why \"goodwill\" --yes"
            })
    static final class WriteOff extends AboutRecord {
        @Override
        InstanceCommand command(InstanceId instance, MeteringSn sn, DecidedBy by, Instant at) {
            return new WriteOffUsageRecord(instance, sn, by, at);
        }
    }

    @Command(
            name = "dispute",
            header = "The marketplace rejected later what it had accepted.",
            description = {
                "",
                "A second copy that the console lists as a duplicate (005, 010) is only noted: the first copy stands and",
                "is billed, and the record can't be reissued."
            },
            footer = {
                "",
                "Example: … decide dispute 3f0c66f1… --data-dir data --code 013 --who li.wei --why \"resource state abnormal\" --yes"
            })
    static final class Dispute extends AboutRecord {
        @Option(
                names = "--code",
                paramLabel = "CODE",
                required = true,
                description = "the marketplace's code, as it said it")
        private String code = "";

        @Override
        InstanceCommand command(InstanceId instance, MeteringSn sn, DecidedBy by, Instant at) {
            return new DisputeUsageRecord(instance, sn, code, by, at);
        }
    }

    @Command(
            name = "withdraw",
            header =
                    "Take a record off the queue before it is sent. It counts as refused; then reissue it or write it off.",
            description = {"", "Refused for a record that a call may have carried to the marketplace already."},
            footer = {
                "",
                "Example: … decide withdraw 3f0c66f1… --data-dir data --who li.wei --why \"a meter was wrong\" --yes"
            })
    static final class Withdraw extends AboutRecord {
        @Override
        InstanceCommand command(InstanceId instance, MeteringSn sn, DecidedBy by, Instant at) {
            return new RefuseUsageRecord(instance, sn, "withdrawn", by.who() + ": " + by.why(), at);
        }

        @Override
        DecidingLedger.Beside beside(LedgerDatabase.Open ledger) {
            Withdrawal withdrawal = new Withdrawal(JdbcClient.create(ledger.dataSource()));
            return () -> withdrawal.takeOff(meteringSn()).map(why -> new Refused("not-withdrawn", why));
        }
    }

    @Command(
            name = "bill-withheld",
            header = "Bill what is withheld of an hour; its records follow.",
            footer = {
                "",
                "Example: … decide bill-withheld hwc-1 2026-11-24T14:00:00Z --data-dir data --who li.wei --why \"agreed\" --yes"
            })
    static final class BillWithheld extends AboutHour {
        @Override
        InstanceCommand command(InstanceId instance, UsageHour hour, int revision, DecidedBy by, Instant at) {
            return new BillWithheldUsage(instance, hour, revision, by, at);
        }
    }

    @Command(
            name = "write-off-withheld",
            header = "Give up what is withheld of an hour.",
            footer = {
                "",
                "Example: … decide write-off-withheld hwc-1 2026-11-24T14:00:00Z --data-dir data --who li.wei --why \"trial\" --yes"
            })
    static final class WriteOffWithheld extends AboutHour {
        @Override
        InstanceCommand command(InstanceId instance, UsageHour hour, int revision, DecidedBy by, Instant at) {
            return new WriteOffWithheldUsage(instance, hour, revision, by, at);
        }
    }

    @Command(
            name = "write-off-remainder",
            header = "Give up what an ended instance still carries.",
            footer = {
                "",
                "Example: … decide write-off-remainder hwc-1 --data-dir data --who li.wei --why \"released\" --yes"
            })
    static final class WriteOffRemainder extends PersonsDecision {
        @Parameters(paramLabel = "INSTANCE", description = "its id")
        private String instance = "";

        @Override
        InstanceCommand command(LedgerDatabase.Open ledger, DecidedBy by, Instant at) {
            return new InstanceCommand.WriteOffRemainder(new InstanceId(instance), by, at);
        }
    }
}
