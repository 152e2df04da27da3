package io.hourledger.benchmarks.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What a bench has measured so far, kept in its file after each step: a bench that is stopped loses only the step it was in. */
public final class Figures {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final @Nullable Path file;
    private final Map<String, Object> figures = new LinkedHashMap<>();
    private final Map<String, Object> setting = new LinkedHashMap<>();
    private final List<Map<String, Object>> runs = new ArrayList<>();
    private boolean complete;

    /** @param file where they are kept; null to keep them nowhere */
    public Figures(@Nullable Path file) {
        this.file = file;
        this.setting.put("machine", Machine.facts());
    }

    /** A fact about what is measured. */
    public synchronized void setting(String name, Object value) {
        setting.put(name, value);
    }

    /** A figure; rounded to what a reading can carry. */
    public synchronized void figure(String name, double value) {
        figures.put(name, Math.abs(value) >= 1000 ? (Object) Math.round(value) : Math.round(value * 100) / 100.0);
        write();
    }

    /** One measured run, with all that is known of it. */
    public synchronized void run(Map<String, Object> run) {
        runs.add(run);
        write();
    }

    /** The median of one number over the runs of one program, if there are any. */
    public synchronized OptionalDouble median(String program, String number) {
        double[] values = runs.stream()
                .filter(run -> program.equals(run.get("program")))
                .map(run -> run.get(number))
                .filter(Number.class::isInstance)
                .mapToDouble(value -> ((Number) value).doubleValue())
                .sorted()
                .toArray();
        if (values.length == 0) {
            return OptionalDouble.empty();
        }
        int middle = values.length / 2;
        return OptionalDouble.of(values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2);
    }

    /** A number that a run must have told. */
    public static double number(Map<String, Object> run, String name) {
        if (run.get(name) instanceof Number number) {
            return number.doubleValue();
        }
        throw new IllegalStateException("the run says nothing of " + name + ": " + run);
    }

    /** The runs so far, in their order. */
    public synchronized List<Map<String, Object>> runs() {
        return List.copyOf(runs);
    }

    /** The figures so far, in their order. */
    public synchronized Map<String, Object> all() {
        return new LinkedHashMap<>(figures);
    }

    /** Says that nothing was left out. */
    public synchronized void complete() {
        complete = true;
        write();
    }

    /** Keeps what there is. */
    public synchronized void write() {
        if (file == null) {
            return;
        }
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("figures", figures);
        whole.put("complete", complete);
        whole.putAll(setting);
        whole.put("runs", runs);
        try {
            Path absolute = file.toAbsolutePath();
            Path folder = absolute.getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Path fresh = absolute.resolveSibling(absolute.getFileName() + ".new");
            Files.write(fresh, JSON.writeValueAsBytes(whole));
            Files.move(fresh, absolute, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("the figures cannot be kept: " + file, e);
        }
    }
}
