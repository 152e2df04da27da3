package io.hourledger.pusher.push;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.UsagePushPort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A gallery in memory that keeps the documented rules of duplicates and misbehaves as it is told, call by call. It knows what it billed, so
 * a test can compare.
 */
final class ModelGallery implements UsagePushPort {

    static final String ACCEPTED = "{\"error_code\":\"MKT.0000\",\"error_msg\":\"success\"}";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** What the next call meets. */
    enum Mood {
        /** The call is worked on as documented. */
        FINE,
        /** The records are taken, and then nothing comes back. */
        TAKEN_THEN_SILENCE,
        /** The records are taken, and a gateway answers with its own page. */
        TAKEN_THEN_HTML,
        /** The records are taken, and an internal error is answered. */
        TAKEN_THEN_0999,
        /** The first half of the records is taken, and an internal error is answered. */
        HALF_TAKEN_THEN_0999,
        SILENCE,
        EMPTY,
        ERROR_0999,
        UNAVAILABLE_503,
        THROTTLED_429,
        THROTTLED_0250,
        NOBODY_THERE,
        UNKNOWN_CODE,
        TOO_MANY
    }

    private final List<Mood> moods = new ArrayList<>();
    private final Map<String, String> billedBySn = new LinkedHashMap<>();
    private final Map<String, String> snOfWindow = new HashMap<>();
    private final Map<String, String> bodyOfSn = new HashMap<>();
    private final Set<String> bad = new HashSet<>();
    private final Set<String> frozen = new HashSet<>();
    private final List<List<String>> calls = new ArrayList<>();
    private final AtomicInteger sentTwoWays = new AtomicInteger();
    private boolean tellsAbnormalRecords = true;
    private boolean refusesWholeCalls;
    private boolean keepsGoodOnesOfRefusedCalls;
    private int most = 1000;

    /** The moods of the next calls; after them all is fine. */
    synchronized void moods(List<Mood> next) {
        moods.clear();
        moods.addAll(next);
    }

    /** Whether it names bad records in its answer, or accepts in silence and drops them later. */
    synchronized void tellsAbnormalRecords(boolean tells) {
        tellsAbnormalRecords = tells;
    }

    /** Whether one bad record refuses its whole call, and whether the good ones are kept then. */
    synchronized void refusesWholeCalls(boolean refuses, boolean keepsGoodOnes) {
        refusesWholeCalls = refuses;
        keepsGoodOnesOfRefusedCalls = keepsGoodOnes;
    }

    synchronized void takesAtMost(int records) {
        most = records;
    }

    synchronized void callsBad(String meteringSn) {
        bad.add(meteringSn);
    }

    /** The instance's records are called abnormal. */
    synchronized void freezes(String instanceId) {
        frozen.add(instanceId);
    }

    synchronized void unfreezes(String instanceId) {
        frozen.remove(instanceId);
    }

    /** What it will bill, amount by metering_sn. */
    synchronized Map<String, String> billed() {
        return new LinkedHashMap<>(billedBySn);
    }

    /** The records of each call that arrived. */
    synchronized List<List<String>> calls() {
        return new ArrayList<>(calls);
    }

    /** How often a record came that was not the identical one, or a window under a second id. */
    int sentTwoWays() {
        return sentTwoWays.get();
    }

    @Override
    public synchronized HttpResult push(byte[] body, long latestSendNanos) {
        Mood mood = moods.isEmpty() ? Mood.FINE : moods.remove(0);
        if (mood == Mood.NOBODY_THERE) {
            return new HttpResult.NotSent("connection refused");
        }
        List<JsonNode> records = new ArrayList<>();
        JSON.readTree(body).get("usage_records").forEach(records::add);
        calls.add(records.stream().map(ModelGallery::sn).toList());
        records.forEach(this::compareWithEarlier);
        return switch (mood) {
            case FINE -> records.size() > most ? coded(500, "MKT.9003") : work(records);
            case TAKEN_THEN_SILENCE -> {
                records.forEach(this::take);
                yield new HttpResult.Silence("no answer");
            }
            case TAKEN_THEN_HTML -> {
                records.forEach(this::take);
                yield new HttpResult.Answer(502, null, "<html>Bad Gateway</html>".getBytes(UTF_8));
            }
            case TAKEN_THEN_0999 -> {
                records.forEach(this::take);
                yield coded(500, "MKT.0999");
            }
            case HALF_TAKEN_THEN_0999 -> {
                records.subList(0, records.size() / 2).forEach(this::take);
                yield coded(500, "MKT.0999");
            }
            case SILENCE -> new HttpResult.Silence("no answer");
            case EMPTY -> new HttpResult.Answer(200, null, new byte[0]);
            case ERROR_0999 -> coded(500, "MKT.0999");
            case UNAVAILABLE_503 -> new HttpResult.Answer(503, null, new byte[0]);
            case THROTTLED_429 -> new HttpResult.Answer(429, "0", new byte[0]);
            case THROTTLED_0250 -> coded(406, "MKT.0250");
            case UNKNOWN_CODE -> coded(500, "MKT.9005");
            case TOO_MANY -> coded(500, "MKT.9003");
            case NOBODY_THERE -> throw new IllegalStateException("answered above");
        };
    }

    private HttpResult work(List<JsonNode> records) {
        boolean anyBad = records.stream().anyMatch(record -> bad.contains(sn(record)));
        if (refusesWholeCalls && anyBad) {
            if (keepsGoodOnesOfRefusedCalls) {
                records.stream().filter(record -> !bad.contains(sn(record))).forEach(this::take);
            }
            return coded(500, "MKT.9001");
        }
        List<String> abnormal = new ArrayList<>();
        for (JsonNode record : records) {
            String code = take(record);
            if (code != null) {
                abnormal.add("{\"metering_sn\":\"" + sn(record) + "\",\"error_code\":\"" + code + "\"}");
            }
        }
        return tellsAbnormalRecords && !abnormal.isEmpty()
                ? new HttpResult.Answer(
                        200,
                        null,
                        ("{\"error_code\":\"MKT.0000\",\"abnormal_usage_data\":[" + String.join(",", abnormal) + "]}")
                                .getBytes(UTF_8))
                : new HttpResult.Answer(200, null, ACCEPTED.getBytes(UTF_8));
    }

    /** The record's error code, or null if it is billed. */
    private String take(JsonNode record) {
        String sn = sn(record);
        if (bad.contains(sn)) {
            return "003";
        }
        if (frozen.contains(record.get("instance_id").asString())) {
            return "013";
        }
        if (billedBySn.containsKey(sn)) {
            return "005";
        }
        if (snOfWindow.putIfAbsent(window(record), sn) != null) {
            return "010";
        }
        billedBySn.put(sn, record.get("usage_value").asString());
        return null;
    }

    private void compareWithEarlier(JsonNode record) {
        String before = bodyOfSn.putIfAbsent(sn(record), record.toString());
        String other = snOfWindow.get(window(record));
        if ((before != null && !before.equals(record.toString())) || (other != null && !other.equals(sn(record)))) {
            sentTwoWays.incrementAndGet();
        }
    }

    private static String sn(JsonNode record) {
        return record.get("metering_sn").asString();
    }

    private static String window(JsonNode record) {
        return record.get("instance_id").asString()
                + record.get("begin_time").asString()
                + record.get("end_time").asString();
    }

    static HttpResult coded(int status, String code) {
        return new HttpResult.Answer(
                status, null, ("{\"error_code\":\"" + code + "\",\"error_msg\":\"because\"}").getBytes(UTF_8));
    }
}
