package io.hourledger.standalone.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A day of a SaaS app's traffic, made from a seed: few buyers use much and many use little, business hours are busy, now and then a buyer
 * bursts, 5 % of the requests come minutes after their time and 2 % are sent twice. Nothing but the seed decides, so the day can be read
 * again after a crash, and its truth is known without the pipeline.
 */
public final class GeneratedDay implements Traffic {

    private static final Instant MIDNIGHT = Instant.parse("2026-03-02T00:00:00Z");
    private static final int MINUTES = 24 * 60;

    private static final double OUT_OF_ORDER = 0.05;
    private static final double SENT_TWICE = 0.02;
    private static final double BURST_IN_A_MINUTE = 0.02;

    private static final Duration LONGEST_DELAY = Duration.ofMinutes(12);
    private static final int MEDIAN_BYTES = 18_000;

    private final long seed;
    private final int buyers;
    private final int requests;

    /**
     * @param requests about how many requests the day has, without bursts and repeats
     */
    public GeneratedDay(long seed, int buyers, int requests) {
        if (buyers < 1 || requests < 1) {
            throw new IllegalArgumentException("a day needs at least one buyer and one request");
        }
        this.seed = seed;
        this.buyers = buyers;
        this.requests = requests;
    }

    @Override
    public String source() {
        return "/demo/generated-day/" + seed;
    }

    @Override
    public String description() {
        return "a generated day of " + buyers + " buyers (seed " + seed + ")";
    }

    @Override
    public Reading open() {
        return new DayReading();
    }

    /** A request on its way: sent when its second comes, in the order in which it was thought of. */
    private record OnItsWay(
            long sentAtSecond, long sequence, String key, String buyer, Instant time, long bytes, boolean repeat) {

        static OnItsWay once(long sentAtSecond, long sequence, String buyer, Instant time, long bytes) {
            return new OnItsWay(sentAtSecond, sequence, "request-" + sequence, buyer, time, bytes, false);
        }

        /** The same request, sent a second time. */
        OnItsWay again(long atSecond, long asNumber) {
            return new OnItsWay(atSecond, asNumber, key, buyer, time, bytes, true);
        }
    }

    private final class DayReading implements Reading {

        private final Random random = new Random(seed);
        private final PriorityQueue<OnItsWay> onTheirWay = new PriorityQueue<>(
                Comparator.comparingLong(OnItsWay::sentAtSecond).thenComparingLong(OnItsWay::sequence));
        private int minute;
        private long sequence;
        private long number;

        @Override
        public @Nullable TrafficLine next() {
            while (minute < MINUTES && !nextIsBefore(minute * 60L)) {
                think(minute++);
            }
            OnItsWay sent = onTheirWay.poll();
            if (sent == null) {
                return null;
            }
            number++;
            return new TrafficLine.Request(number, sent.key, sent.buyer, sent.time, sent.bytes, sent.repeat);
        }

        @Override
        public void close() {
            onTheirWay.clear();
        }

        /** Whether the first on its way is sent before anything that a minute not yet thought of could add. */
        private boolean nextIsBefore(long second) {
            OnItsWay first = onTheirWay.peek();
            return first != null && first.sentAtSecond < second;
        }

        private void think(int ofMinute) {
            double expected = requests * shareOf(ofMinute);
            int count = (int) expected + (random.nextDouble() < expected - Math.floor(expected) ? 1 : 0);
            for (int i = 0; i < count; i++) {
                request(ofMinute, anyBuyer());
            }
            if (random.nextDouble() < BURST_IN_A_MINUTE) {
                int bursting = anyBuyer();
                for (int i = 0; i < 40 + random.nextInt(80); i++) {
                    request(ofMinute, bursting);
                }
            }
        }

        private void request(int ofMinute, int buyer) {
            long second = ofMinute * 60L + random.nextInt(60);
            long sentAt = second + (random.nextDouble() < OUT_OF_ORDER ? delay() : 0);
            OnItsWay request = OnItsWay.once(sentAt, sequence++, nameOf(buyer), MIDNIGHT.plusSeconds(second), bytes());
            onTheirWay.add(request);
            if (random.nextDouble() < SENT_TWICE) {
                onTheirWay.add(request.again(sentAt + delay(), sequence++));
            }
        }

        private long delay() {
            return 1L + random.nextInt((int) LONGEST_DELAY.toSeconds());
        }

        /** The square of an even draw: the first tenth of the buyers makes a third of the requests. */
        private int anyBuyer() {
            double draw = random.nextDouble();
            return (int) (draw * draw * buyers);
        }

        /** Sizes spread over four powers of ten; some answers have no body. */
        private long bytes() {
            if (random.nextInt(12) == 0) {
                return 0;
            }
            return (long) (MEDIAN_BYTES * StrictMath.exp(random.nextGaussian() * 1.5));
        }
    }

    private static String nameOf(int buyer) {
        return String.format(Locale.ROOT, "buyer-%04d", buyer + 1);
    }

    /** The share of the day's requests that a minute has: a quiet night and a peak in the early afternoon. */
    private static double shareOf(int minute) {
        double peakAt = 14 * 60;
        double curve = 1 + 0.8 * StrictMath.cos((minute - peakAt) / MINUTES * 2 * Math.PI);
        return curve / MINUTES;
    }
}
