package io.hourledger.client;

/** A meter of the catalogue that adds up a value. Immutable, so one constant serves the whole app. */
public final class SummedMeter {

    private final byte[] encoded;

    private SummedMeter(String eventType, String valueField) {
        this.encoded = UsageCodec.encodeMeter(eventType, valueField);
    }

    /**
     * @param eventType the meter's {@code eventType} in the catalogue, such as {@code web.egress}
     * @param valueField the meter's {@code valueField}, such as {@code bytes}; amounts are in the unit of this field
     */
    public static SummedMeter of(String eventType, String valueField) {
        return new SummedMeter(CallChecks.name("event type", eventType), CallChecks.name("value field", valueField));
    }

    byte[] encoded() {
        return encoded;
    }
}
