package io.hourledger.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What a run leaves behind: figures for a machine, a few lines for a person. */
record ChaosReport(
        ChaosPlan plan,
        Verdict verdict,
        Map<String, Object> figures,
        Map<String, Object> durations,
        Schedule schedule,
        List<ChaosEvent> happened,
        List<TakeoverMonitor.Pause> pauses,
        JsonNode gallery) {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private static final int DIFFERENCES_SHOWN = 50;

    void write() throws IOException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("good", verdict.good());
        all.put("wrong", verdict.wrong());
        all.put("figures", figures);
        all.put("seed", plan.seed());
        all.put("minutes", plan.length().toSeconds() / 60.0);
        all.put("clock_speed", ChaosClock.SPEED);
        all.put("grace", plan.grace().toString());
        all.put("durations", durations);
        all.put("ledger_differs_at", shown(verdict.ledgerDiffers()));
        all.put("gallery_differs_at", shown(verdict.galleryDiffers()));
        all.put("schedule", scheduled());
        all.put("happened", whatHappened());
        all.put("partitions_stood_still", whereItStood());
        all.put("gallery", gallery);
        Files.writeString(plan.out(), JSON.writeValueAsString(all) + "\n");
    }

    private static List<String> shown(Iterable<HourAmounts.Key> keys) {
        List<String> shown = new ArrayList<>();
        for (HourAmounts.Key key : keys) {
            if (shown.size() < DIFFERENCES_SHOWN) {
                shown.add(key.instanceId() + " " + key.hour());
            }
        }
        return shown;
    }

    private List<Map<String, Object>> scheduled() {
        List<Map<String, Object>> entries = new ArrayList<>();
        for (PlannedFault disturbance : schedule.disturbances()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("at_s", ChaosRun.seconds(disturbance.at()));
            entry.put("what", disturbance.words());
            entry.put("lasts_s", ChaosRun.seconds(disturbance.lasts()));
            entries.add(entry);
        }
        return entries;
    }

    private List<Map<String, Object>> whatHappened() {
        List<Map<String, Object>> entries = new ArrayList<>();
        for (ChaosEvent one : happened) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("part", one.part().word());
            entry.put("manner", one.manner());
            entry.put("from_s", ChaosRun.seconds(one.from()));
            entry.put("to_s", ChaosRun.seconds(one.to()));
            entry.put("ready", one.ready());
            entries.add(entry);
        }
        return entries;
    }

    private List<Map<String, Object>> whereItStood() {
        List<Map<String, Object>> entries = new ArrayList<>();
        for (TakeoverMonitor.Pause pause : pauses) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("partition", pause.partition());
            entry.put("from_s", ChaosRun.seconds(pause.from()));
            entry.put("to_s", ChaosRun.seconds(pause.to()));
            entries.add(entry);
        }
        return entries;
    }

    String summary() {
        StringBuilder text = new StringBuilder("\n");
        figures.forEach((name, value) -> text.append(String.format("  %-26s %s%n", name, value)));
        if (verdict.good()) {
            text.append("\ntruth = ledger = gallery: nothing lost, nothing doubled (seed ")
                    .append(plan.seed())
                    .append(")");
        } else {
            text.append("\nNOT GOOD (seed ").append(plan.seed()).append("):");
            verdict.wrong().forEach(sentence -> text.append("\n  ").append(sentence));
        }
        return text.toString();
    }
}
