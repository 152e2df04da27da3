package io.hourledger.console.finance;

import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.ledger.statement.RecordTrace;
import java.time.YearMonth;
import java.time.ZoneOffset;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;

/** Where a usage record comes from: its hours, and the stretches of the usage log that hold their events. */
@Controller
final class RecordPages {

    private final RecordTrace traces;

    RecordPages(RecordTrace traces) {
        this.traces = traces;
    }

    @GetMapping("/record")
    String record(@RequestParam String sn, Model model) {
        RecordTrace.Traced traced = traces.trace(serialNumber(sn))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "the ledger has no such record"));
        model.addAttribute("traced", traced);
        model.addAttribute("record", traced.record());
        model.addAttribute("month", YearMonth.from(traced.hour().atZone(ZoneOffset.UTC)));
        return "record";
    }

    private static MeteringSn serialNumber(String text) {
        try {
            return new MeteringSn(text.strip());
        } catch (IllegalArgumentException none) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND, "that is no serial number of a record", none);
        }
    }
}
