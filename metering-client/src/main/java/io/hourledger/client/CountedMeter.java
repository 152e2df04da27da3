package io.hourledger.client;

/** A meter of the catalogue that counts events. Each call is one; immutable, so one constant serves the whole app. */
public final class CountedMeter {

    private final byte[] encoded;

    private CountedMeter(String eventType) {
        this.encoded = UsageCodec.encodeMeter(eventType, "");
    }

    /**
     * @param eventType the meter's {@code eventType} in the catalogue, such as {@code web.request}
     */
    public static CountedMeter of(String eventType) {
        return new CountedMeter(CallChecks.name("event type", eventType));
    }

    byte[] encoded() {
        return encoded;
    }
}
