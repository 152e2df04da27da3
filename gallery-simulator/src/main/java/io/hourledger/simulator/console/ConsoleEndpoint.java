package io.hourledger.simulator.console;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The console's exports, streamed. */
@RestController
final class ConsoleEndpoint {

    private final Exports exports;
    private final Statistics statistics;

    ConsoleEndpoint(Exports exports, Statistics statistics) {
        this.exports = exports;
        this.statistics = statistics;
    }

    /** 话单管理: every record with what became of it. */
    @GetMapping("/sim/usage-records.csv")
    void usageRecords(@RequestParam(required = false) @Nullable String state, HttpServletResponse response)
            throws IOException {
        exports.usageRecords(state, csv(response));
    }

    @GetMapping("/sim/bill.csv")
    void bill(HttpServletResponse response) throws IOException {
        exports.bill(csv(response));
    }

    @GetMapping("/sim/instances.csv")
    void instances(HttpServletResponse response) throws IOException {
        exports.instances(csv(response));
    }

    @GetMapping("/sim/packages.csv")
    void packages(HttpServletResponse response) throws IOException {
        exports.packages(csv(response));
    }

    @GetMapping("/sim/stats")
    Statistics.Figures stats() {
        return statistics.figures();
    }

    private static Writer csv(HttpServletResponse response) throws IOException {
        response.setContentType("text/csv");
        response.setCharacterEncoding(StandardCharsets.UTF_8.name());
        return response.getWriter();
    }
}
