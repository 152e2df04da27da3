package io.hourledger.simulator.usage;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One element of {@code usage_records}, as far as it could be read. */
sealed interface PushedRecord {

    int position();

    String instanceId();

    /** Null if it was sent without one. */
    @Nullable String meteringSn();

    /** As it was sent, also when it is not an amount. */
    String usageValue();

    /** An amount and how it was written. */
    record SentAmount(BigDecimal amount, String text) {}

    /**
     * A record whose every field has its documented form.
     *
     * @param packageInstanceId {@code relate_pkg_instance}
     */
    record WellFormed(
            int position,
            String instanceId,
            String meteringSn,
            Instant begin,
            Instant end,
            Instant recordTime,
            SentAmount sent,
            @Nullable String packageInstanceId)
            implements PushedRecord {

        @Override
        public String usageValue() {
            return sent.text;
        }

        BigDecimal amount() {
            return sent.amount;
        }

        /** Whether both say the same, so that one is a repeat of the other. */
        boolean saysTheSameAs(Earlier other) {
            return instanceId.equals(other.instanceId())
                    && begin.equals(other.begin())
                    && end.equals(other.end())
                    && recordTime.equals(other.recordTime())
                    && amount().compareTo(other.amount()) == 0
                    && java.util.Objects.equals(packageInstanceId, other.packageInstanceId());
        }
    }

    /**
     * A record with a field out of form: refuses the call in one answer model, is listed in the other.
     *
     * @param asSent its JSON
     */
    record Malformed(
            int position,
            String instanceId,
            @Nullable String meteringSn,
            String usageValue,
            String asSent,
            RecordAnswerCode code,
            Refusal refusal)
            implements PushedRecord {}

    /** A record that an earlier call, or an earlier place of the same call, brought. */
    record Earlier(
            String meteringSn,
            String instanceId,
            Instant begin,
            Instant end,
            Instant recordTime,
            BigDecimal amount,
            @Nullable String packageInstanceId,
            boolean accepted) {

        static Earlier of(WellFormed record, boolean accepted) {
            return new Earlier(
                    record.meteringSn,
                    record.instanceId,
                    record.begin,
                    record.end,
                    record.recordTime,
                    record.amount(),
                    record.packageInstanceId,
                    accepted);
        }
    }
}
