package io.hourledger.console.finance;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.statement.MonthDiff;
import io.hourledger.ledger.statement.MonthDiff.Change;
import java.time.Clock;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** What changed in a month between two views of it, for one instance or for all. */
@Controller
final class ChangePages {

    static final int MOST = 1000;

    private final MonthDiff diff;
    private final Clock businessTime;

    ChangePages(MonthDiff diff, Clock businessTime) {
        this.diff = diff;
        this.businessTime = businessTime;
    }

    /** Without times: what has happened to the month since it was over. */
    @GetMapping("/changes")
    String changes(
            @RequestParam(required = false) @Nullable YearMonth month,
            @RequestParam(required = false) @Nullable Instant from,
            @RequestParam(required = false) @Nullable Instant to,
            @RequestParam(defaultValue = "") String instance,
            Model model) {
        Instant now = businessTime.instant().truncatedTo(ChronoUnit.SECONDS);
        YearMonth shown =
                month == null ? YearMonth.from(now.atZone(ZoneOffset.UTC)).minusMonths(1) : month;
        Instant earlier = from == null
                ? shown.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant()
                : from;
        Instant later = to == null ? now : to;
        boolean wrongWay = !earlier.isBefore(later);
        List<Change> changes = new ArrayList<>();
        int[] all = new int[1];
        if (!wrongWay) {
            read(instance, shown, earlier, later, change -> {
                if (++all[0] <= MOST) {
                    changes.add(change);
                }
            });
        }
        model.addAttribute("month", shown);
        model.addAttribute("from", earlier);
        model.addAttribute("to", later);
        model.addAttribute("instance", instance.strip());
        model.addAttribute("wrongWay", wrongWay);
        model.addAttribute("changes", changes);
        model.addAttribute("cut", all[0] > MOST);
        return "changes";
    }

    private void read(String instance, YearMonth month, Instant from, Instant to, Consumer<Change> reader) {
        if (instance.isBlank()) {
            diff.changes(month, from, to, reader);
        } else {
            diff.changesOf(new InstanceId(instance.strip()), month, from, to, reader);
        }
    }
}
