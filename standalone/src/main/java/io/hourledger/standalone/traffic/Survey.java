package io.hourledger.standalone.traffic;

import static java.util.Collections.unmodifiableSortedMap;

import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.standalone.traffic.TrafficLine.Malformed;
import io.hourledger.standalone.traffic.TrafficLine.Request;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one reading of the traffic shows before any of it is sent: the truth that ledger and gallery must agree with, added up here and
 * nowhere else, and how far the feeder must have come before the clock may pass a moment. Holds a few bytes per {@link #BLOCK} requests
 * and one total per buyer, however long the traffic is.
 */
public final class Survey {

    /** Requests that are sent together or not at all. */
    public static final int BLOCK = 50;

    /** So many malformed lines are kept by name; the rest are only counted. */
    public static final int NAMED_MALFORMED = 20;

    /** What one buyer used. */
    public record Used(long requests, BigInteger bytes) {
        Used plus(Used more) {
            return new Used(requests + more.requests, bytes.add(more.bytes));
        }
    }

    private final SortedMap<String, Used> usedByBuyer = new TreeMap<>();
    private final List<Malformed> malformed = new ArrayList<>();
    private long[] earliestFromBlock = new long[0];
    private long lines;
    private long malformedLines;
    private long requests;
    private long repeats;
    private final NavigableSet<UsageHour> hours = new TreeSet<>();
    private @Nullable UsageHour hourBefore;
    private Duration farthestAhead = Duration.ZERO;

    private Survey() {}

    public static Survey of(Traffic traffic) throws IOException {
        Survey survey = new Survey();
        List<Long> earliest = new ArrayList<>();
        List<Long> latest = new ArrayList<>();
        try (Traffic.Reading reading = traffic.open()) {
            for (TrafficLine line = reading.next(); line != null; line = reading.next()) {
                survey.lines++;
                switch (line) {
                    case Request request -> survey.add(request, earliest, latest);
                    case Malformed bad -> survey.add(bad);
                }
            }
        }
        survey.lookBack(earliest, latest);
        return survey;
    }

    private void add(Malformed bad) {
        malformedLines++;
        if (malformed.size() < NAMED_MALFORMED) {
            malformed.add(bad);
        }
    }

    private void add(Request request, List<Long> earliest, List<Long> latest) {
        long second = request.time().getEpochSecond();
        if (requests % BLOCK == 0) {
            earliest.add(second);
            latest.add(second);
        } else {
            int block = earliest.size() - 1;
            earliest.set(block, Math.min(earliest.get(block), second));
            latest.set(block, Math.max(latest.get(block), second));
        }
        requests++;
        UsageHour hour = UsageHour.of(request.time());
        if (!hour.equals(hourBefore)) {
            hours.add(hour);
            hourBefore = hour;
        }
        if (request.repeat()) {
            repeats++;
        } else {
            usedByBuyer.merge(request.buyer(), new Used(1, BigInteger.valueOf(request.bytes())), Used::plus);
        }
    }

    /** From the last block to the first: the earliest moment that is still to come from each block on. */
    private void lookBack(List<Long> earliest, List<Long> latest) {
        earliestFromBlock = new long[earliest.size()];
        long toCome = Long.MAX_VALUE;
        for (int block = earliest.size() - 1; block >= 0; block--) {
            toCome = Math.min(toCome, earliest.get(block));
            earliestFromBlock[block] = toCome;
            Duration ahead = Duration.ofSeconds(latest.get(block) - toCome);
            farthestAhead = ahead.compareTo(farthestAhead) > 0 ? ahead : farthestAhead;
        }
    }

    /** The moment that the clock must not pass before the block of this number has been acknowledged; {@link Instant#MAX} behind the last. */
    public Instant earliestFromBlock(long block) {
        return block < earliestFromBlock.length ? Instant.ofEpochSecond(earliestFromBlock[(int) block]) : Instant.MAX;
    }

    /** By how much a request can stand before its time in the traffic: what is still to come holds the clock back that long. */
    public Duration farthestAhead() {
        return farthestAhead;
    }

    public long blocks() {
        return earliestFromBlock.length;
    }

    public long lines() {
        return lines;
    }

    /** Requests, repeats included. */
    public long requests() {
        return requests;
    }

    public long repeats() {
        return repeats;
    }

    public long malformedLines() {
        return malformedLines;
    }

    /** The first of the malformed lines. */
    public List<Malformed> malformed() {
        return List.copyOf(malformed);
    }

    /** What each buyer used: repeats count once. */
    public SortedMap<String, Used> usedByBuyer() {
        return unmodifiableSortedMap(usedByBuyer);
    }

    public boolean isEmpty() {
        return requests == 0;
    }

    /** The hours in which there are requests, in order. */
    public NavigableSet<UsageHour> hours() {
        return Collections.unmodifiableNavigableSet(hours);
    }

    /**
     * @throws NoSuchElementException if the traffic is empty
     */
    public UsageHour firstHour() {
        return hours.first();
    }

    /**
     * @throws NoSuchElementException if the traffic is empty
     */
    public UsageHour lastHour() {
        return hours.last();
    }
}
