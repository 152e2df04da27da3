package io.hourledger.chaos;

import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What one marketplace has at the end of a run, from its own export and its own word on the script.
 *
 * @param account the seller account that it knows
 * @param rows of its export
 * @param thrown what its script threw, in their order
 * @param notThrown the switches of its script that hit nothing
 */
record MarketplaceRecords(String account, List<Row> rows, List<Thrown> thrown, List<String> notThrown) {

    /** An hour is collected at minute 15 of the next. */
    private static final Duration DEADLINE = Duration.ofMinutes(15);

    /** The record code of a later rejection: no page explains it, so nothing else has it. */
    private static final String REJECTED_LATER = "008";

    private static final String DUPLICATE = "010";

    /** A record as it came. */
    record Row(
            String instanceId, UsageHour hour, BigDecimal amount, Instant receivedAt, boolean accepted, String code) {

        /** Whether it was taken when it came; what was rejected later was, too. */
        boolean wasTaken() {
            return accepted || code.equals(REJECTED_LATER);
        }
    }

    /**
     * A switch.
     *
     * @param outage whether all calls were hit from one moment to the other
     */
    record Thrown(String word, Instant from, Instant to, long hits, boolean outage) {}

    /** From {@code /sim/usage-records.csv} and {@code /sim/script}. */
    static MarketplaceRecords read(String account, String csv, JsonNode script, Instant now) {
        List<Row> rows = new ArrayList<>();
        csv.lines().skip(1).forEach(line -> {
            String[] cells = line.split(",", -1);
            rows.add(new Row(
                    cells[0],
                    UsageHour.of(Instant.parse(cells[3])),
                    new BigDecimal(cells[5]),
                    Instant.parse(cells[7]),
                    cells[8].equals("accepted"),
                    cells[9]));
        });
        List<Thrown> thrown = new ArrayList<>();
        for (JsonNode one : script.path("thrown")) {
            String to = one.path("to").asString("");
            thrown.add(new Thrown(
                    one.path("word").asString(""),
                    Instant.parse(one.path("from").asString("")),
                    to.isEmpty() ? now : Instant.parse(to),
                    one.path("hits").asLong(),
                    one.path("outage").asBoolean()));
        }
        List<String> notThrown = script.path("notThrown")
                .valueStream()
                .map(word -> word.asString(""))
                .toList();
        return new MarketplaceRecords(account, List.copyOf(rows), List.copyOf(thrown), notThrown);
    }

    /** What it took, by instance and hour. */
    HourAmounts taken() {
        HourAmounts amounts = new HourAmounts();
        rows.stream().filter(Row::wasTaken).forEach(row -> amounts.add(row.instanceId, row.hour, row.amount, 1));
        return amounts;
    }

    /** Records that were refused and are no repeats. */
    long refused() {
        return rows.stream()
                .filter(row -> !row.wasTaken() && !row.code.equals(DUPLICATE))
                .count();
    }

    long rejectedLater() {
        return rows.stream().filter(row -> !row.accepted && row.wasTaken()).count();
    }

    /** Records that came again. */
    long seenAgain() {
        return rows.stream().filter(row -> row.code.equals(DUPLICATE)).count();
    }

    /** How often each switch hit something. */
    Map<String, Long> hits() {
        Map<String, Long> hits = new LinkedHashMap<>();
        thrown.forEach(one -> hits.merge(one.word, one.hits, Long::sum));
        return hits;
    }

    /**
     * For how long it took calls between two moments.
     *
     * @return of business time
     */
    Duration up(Instant from, Instant to) {
        Duration up = Duration.between(from, to);
        for (Thrown one : thrown) {
            Instant begin = one.from.isAfter(from) ? one.from : from;
            Instant end = one.to.isBefore(to) ? one.to : to;
            if (one.outage && begin.isBefore(end)) {
                up = up.minus(Duration.between(begin, end));
            }
        }
        return up;
    }

    static Instant deadline(UsageHour hour) {
        return hour.end().plus(DEADLINE);
    }

    /** Records of an hour that it had by its deadline. */
    long inTime(UsageHour hour) {
        return rows.stream()
                .filter(row -> row.wasTaken() && row.hour.equals(hour) && !row.receivedAt.isAfter(deadline(hour)))
                .count();
    }
}
