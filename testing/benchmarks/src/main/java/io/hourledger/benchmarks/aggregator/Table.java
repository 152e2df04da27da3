package io.hourledger.benchmarks.aggregator;

import io.hourledger.benchmarks.report.Figures;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** What was measured, for a person. */
final class Table {

    private Table() {}

    static void print(Figures figures, PrintStream out) {
        out.println();
        out.printf(
                "%-36s %5s %14s %14s %12s %8s%n",
                "events a second, medians", "runs", "cold", "warm", "µs CPU/event", "sums");
        Map<String, String> titles = new LinkedHashMap<>();
        for (AggregatorPart part : AggregatorPart.values()) {
            titles.put(part.toString(), part.title());
        }
        figures.runs()
                .forEach(run ->
                        titles.putIfAbsent(String.valueOf(run.get("program")), String.valueOf(run.get("program"))));
        titles.forEach((program, title) -> {
            long runs = figures.runs().stream()
                    .filter(run -> program.equals(run.get("program")))
                    .count();
            if (runs == 0) {
                return;
            }
            boolean compared = figures.median(program, "sums_compared").isPresent();
            boolean differ = figures.runs().stream()
                    .filter(run -> program.equals(run.get("program")))
                    .anyMatch(run -> run.get("sums_that_differ") instanceof Integer n && n > 0);
            out.printf(
                    "%-36s %5d %14s %14s %12s %8s%n",
                    title,
                    runs,
                    rate(figures.median(program, "cold_eps")),
                    rate(figures.median(program, "warm_eps")),
                    micros(figures.median(program, "warm_cpu_micros_per_event")),
                    !compared ? "-" : differ ? "DIFFER" : "equal");
        });
        out.println();
        figures.all().forEach((name, value) -> out.printf("%-32s %s%n", name, value));
    }

    private static String rate(OptionalDouble rate) {
        return rate.isPresent() ? String.format(Locale.ROOT, "%,.0f", rate.getAsDouble()) : "-";
    }

    private static String micros(OptionalDouble micros) {
        return micros.isPresent() ? String.format(Locale.ROOT, "%.2f", micros.getAsDouble()) : "-";
    }
}
