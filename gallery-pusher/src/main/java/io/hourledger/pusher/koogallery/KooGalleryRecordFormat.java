package io.hourledger.pusher.koogallery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageRecord;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.pusher.marketplace.RecordFormat;
import io.hourledger.pusher.marketplace.SentRecord;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * KooGallery's one spelling of a usage record and of a call: keys in ascending code-point order at every level, no white space, all values
 * strings, amounts as plain decimals (koogallery.md, section 1.2).
 */
final class KooGalleryRecordFormat implements RecordFormat {

    private static final JsonFactory JSON = new JsonFactory();
    private static final JsonMapper READER = JsonMapper.builder().build();
    private static final byte[] HEAD = "{\"usage_records\":[".getBytes(UTF_8);
    private static final byte[] TAIL = "]}".getBytes(UTF_8);

    @Override
    public byte[] bytes(UsageRecord record) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(320);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty(
                    "begin_time", KooGalleryTime.format(record.window().begin()));
            json.writeStringProperty(
                    "end_time", KooGalleryTime.format(record.window().end()));
            json.writeStringProperty("instance_id", record.instanceId());
            json.writeStringProperty("metering_sn", record.meteringSn().value());
            json.writeStringProperty("record_time", KooGalleryTime.format(record.recordTime()));
            String packageInstanceId = record.packageInstanceId();
            if (packageInstanceId != null) {
                json.writeStringProperty("relate_pkg_instance", packageInstanceId);
            }
            json.writeStringProperty(
                    "usage_value", BillableAmount.canonical(record.amount()).toPlainString());
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    @Override
    public byte[] body(List<byte[]> records) {
        int length = HEAD.length + TAIL.length + Math.max(0, records.size() - 1);
        for (byte[] record : records) {
            length += record.length;
        }
        byte[] body = new byte[length];
        int at = put(HEAD, body, 0);
        for (int i = 0; i < records.size(); i++) {
            if (i > 0) {
                body[at++] = ',';
            }
            at = put(records.get(i), body, at);
        }
        put(TAIL, body, at);
        return body;
    }

    @Override
    public List<SentRecord> read(byte[] body) {
        List<SentRecord> records = new ArrayList<>();
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), body)) {
            while (json.nextToken() != null && json.currentToken() != JsonToken.START_ARRAY) {
                // up to the records
            }
            while (json.nextToken() == JsonToken.START_OBJECT) {
                int from = Math.toIntExact(json.currentTokenLocation().getByteOffset());
                json.skipChildren();
                int to = Math.toIntExact(json.currentTokenLocation().getByteOffset()) + 1;
                records.add(readOne(Arrays.copyOfRange(body, from, to)));
            }
        }
        return records;
    }

    @Override
    public SentRecord readOne(byte[] bytes) {
        JsonNode json = READER.readTree(bytes);
        String packageInstanceId = json.path("relate_pkg_instance").asString("");
        UsageRecord record = new UsageRecord(
                json.path("instance_id").asString(),
                new MeteringSn(json.path("metering_sn").asString()),
                new UsageWindow(moment(json, "begin_time"), moment(json, "end_time")),
                new BigDecimal(json.path("usage_value").asString()),
                moment(json, "record_time"),
                packageInstanceId.isEmpty() ? null : packageInstanceId);
        return new SentRecord(
                record.meteringSn().value(),
                record.instanceId(),
                record.window(),
                record.amount(),
                record.packageInstanceId(),
                bytes);
    }

    private static Instant moment(JsonNode json, String name) {
        return KooGalleryTime.parse(json.path(name).asString());
    }

    private static int put(byte[] from, byte[] into, int at) {
        System.arraycopy(from, 0, into, at, from.length);
        return at + from.length;
    }
}
