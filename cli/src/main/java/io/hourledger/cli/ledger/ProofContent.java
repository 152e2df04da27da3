package io.hourledger.cli.ledger;

import io.hourledger.ledger.seal.ProofSelection.Named;
import io.hourledger.ledger.seal.Seal;
import io.hourledger.ledger.seal.SealedEvents.Inclusion;
import io.hourledger.ledger.seal.SealedEvents.Shown;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a proof says under the seal, and the cutoffs beside it. Nothing is said of a record but by its events. */
record ProofContent(Seal seal, List<Named> records, Inclusion inclusion) {

    private static final JsonMapper MAPPER = new JsonMapper();

    boolean isOfOneRecord() {
        return records.size() == 1;
    }

    Named oneRecord() {
        return records.getFirst();
    }

    void writeTo(ProofFile proof, Cutoffs cutoffs) throws IOException {
        proof.add("seal", seal.line());
        for (Named record : records) {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("meteringSn", record.meteringSn());
            members.put("instanceId", record.instanceId());
            proof.add("record", members);
        }
        Optional<Map<String, Object>> log = cutoffs.log();
        if (log.isPresent()) {
            proof.add("log", log.get());
            Set<String> hours = hoursOfRecords();
            for (Shown event : inclusion.events()) {
                if (event.type().equals("hour-metered") && hours.contains(hourOf(event))) {
                    addCutoff(proof, cutoffs, event);
                }
            }
        }
        for (Shown event : inclusion.events()) {
            proof.add("event", members(event));
        }
        for (String sibling : inclusion.siblings()) {
            proof.add("sibling", sibling);
        }
    }

    /** The streams have all hours before them, too. */
    private Set<String> hoursOfRecords() {
        Set<String> names = records.stream().map(Named::meteringSn).collect(Collectors.toSet());
        return inclusion.events().stream()
                .filter(event -> event.type().equals("usage-record-issued"))
                .filter(event -> names.contains(textOf(event, "meteringSn")))
                .map(ProofContent::hourOf)
                .collect(Collectors.toSet());
    }

    private static String hourOf(Shown event) {
        return event.instanceId() + " " + textOf(event, "hour");
    }

    private static void addCutoff(ProofFile proof, Cutoffs cutoffs, Shown event) throws IOException {
        JsonNode hour = MAPPER.readTree(event.payload());
        int partition = hour.path("partition").intValue();
        Optional<Long> offset = cutoffs.of(
                partition,
                Instant.parse(hour.path("hour").asString()),
                hour.path("lastOffset").longValue());
        if (offset.isPresent()) {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("instanceId", event.instanceId());
            members.put("hour", hour.path("hour").asString());
            members.put("revision", hour.path("revision").intValue());
            members.put("partition", partition);
            members.put("offset", offset.get());
            proof.add("cutoff", members);
        }
    }

    private static Map<String, Object> members(Shown event) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("index", event.index());
        members.put("instanceId", event.instanceId());
        members.put("sequenceNumber", event.sequenceNumber());
        members.put("type", event.type());
        members.put("revision", event.revision());
        members.put("digest", event.digest());
        members.put("payload", event.payload());
        return members;
    }

    /** A member of an event's payload. */
    static String textOf(Shown event, String member) {
        return MAPPER.readTree(event.payload()).path(member).asString();
    }
}
