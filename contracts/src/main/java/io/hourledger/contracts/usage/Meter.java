package io.hourledger.contracts.usage;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * How events of one type become an amount.
 *
 * @param name the meter's name in the catalogue, such as {@code egress}
 * @param eventType the CloudEvents {@code type} that this meter reads; other meters may read it, too
 * @param aggregation how the events of an hour become one amount
 * @param valueField the member of the event's {@code data} object that holds the value; null for a meter that counts
 * @param unit the unit of the amount that is billed, such as {@code MB}
 * @param unitFactor what one raw value is in that unit, exactly: {@code 0.000001} for bytes billed in MB (10^6 bytes)
 * @param filter which events of that type it reads
 * @param terms what its kind says beside that
 */
public record Meter(
        String name,
        String eventType,
        Aggregation aggregation,
        @Nullable String valueField,
        String unit,
        BigDecimal unitFactor,
        MeterFilter filter,
        MeterTerms terms) {

    /** A meter that reads all events of its type. */
    public Meter(
            String name,
            String eventType,
            Aggregation aggregation,
            @Nullable String valueField,
            String unit,
            BigDecimal unitFactor) {
        this(name, eventType, aggregation, valueField, unit, unitFactor, MeterFilter.ALL);
    }

    /** A meter of a kind that needs no more than its field. */
    public Meter(
            String name,
            String eventType,
            Aggregation aggregation,
            @Nullable String valueField,
            String unit,
            BigDecimal unitFactor,
            MeterFilter filter) {
        this(name, eventType, aggregation, valueField, unit, unitFactor, filter, new MeterTerms.None());
    }

    public Meter {
        if (name.isBlank() || eventType.isBlank() || unit.isBlank()) {
            throw new IllegalArgumentException("a meter needs a name, an event type and a unit: " + name);
        }
        if (UsageAmendment.isTypeOfAmendments(eventType)) {
            throw new IllegalArgumentException(
                    "meter " + name + " cannot read events of type " + eventType + ", which correct others");
        }
        if (unitFactor.signum() <= 0) {
            throw new IllegalArgumentException(
                    "the unit factor of meter " + name + " must be above zero: " + unitFactor);
        }
        if (aggregation != Aggregation.COUNT && (valueField == null || valueField.isBlank())) {
            throw new IllegalArgumentException("meter " + name + " reads a value but names no field of data");
        }
        if (aggregation == Aggregation.COUNT && valueField != null) {
            throw new IllegalArgumentException("meter " + name + " counts events and must not name a field of data");
        }
        if (!terms.areOf(aggregation)) {
            throw new IllegalArgumentException("meter " + name + " is of kind " + aggregation
                    + ", which does not go with " + terms + ": only UNIQUE has \"mostValues\", PERCENTILE needs"
                    + " \"percentile\" and \"fiveMinutes\", and TIME_WEIGHTED_SUM \"holdFor\"");
        }
    }

    /** The amount, in {@link #unit()}, that a raw total of this meter stands for. Exact: nothing is rounded here. */
    public BigDecimal inUnits(BigDecimal rawTotal) {
        return rawTotal.multiply(unitFactor);
    }
}
