package io.hourledger.console.finance;

import io.hourledger.console.layout.PageQuery;
import io.hourledger.ledger.statement.BillComparison;
import io.hourledger.ledger.statement.BillComparison.Comparison;
import java.time.Clock;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Why the bill of a buyer or of an instance is higher or lower than in another month. */
@Controller
final class BillPages {

    static final int MOST_INSTANCES = 200;

    private final BillComparison bills;
    private final Clock businessTime;

    BillPages(BillComparison bills, Clock businessTime) {
        this.bills = bills;
        this.businessTime = businessTime;
    }

    /** Last month beside the one before it if none is asked for. */
    @GetMapping("/bill")
    String bill(
            @RequestParam(defaultValue = "") String buyer,
            @RequestParam(defaultValue = "") String instance,
            @RequestParam(required = false) @Nullable YearMonth month,
            @RequestParam(required = false) @Nullable YearMonth against,
            Model model) {
        YearMonth shown = month == null
                ? YearMonth.from(businessTime.instant().atZone(ZoneOffset.UTC)).minusMonths(1)
                : month;
        YearMonth other = against == null ? shown.minusMonths(1) : against;
        Comparison comparison = compare(buyer, instance, other, shown);
        PageQuery query = PageQuery.of("/bill").with("buyer", buyer).with("instance", instance);
        model.addAttribute("month", shown);
        model.addAttribute("against", other);
        model.addAttribute("buyer", buyer);
        model.addAttribute("instance", instance);
        model.addAttribute("asked", !buyer.isBlank() || !instance.isBlank());
        model.addAttribute("total", comparison.total());
        model.addAttribute(
                "instances",
                comparison.instances().stream().limit(MOST_INSTANCES).toList());
        model.addAttribute("cut", comparison.instances().size() > MOST_INSTANCES);
        model.addAttribute("earlier", query.with("month", shown.minusMonths(1)).with("against", other.minusMonths(1)));
        model.addAttribute("later", query.with("month", shown.plusMonths(1)).with("against", other.plusMonths(1)));
        return "bill";
    }

    /** An instance is the narrower question, so it goes before the buyer. */
    private Comparison compare(String buyer, String instance, YearMonth before, YearMonth now) {
        if (!instance.isBlank()) {
            return bills.ofInstance(instance, before, now);
        }
        return buyer.isBlank() ? new Comparison(List.of(), List.of()) : bills.ofBuyer(buyer, before, now);
    }
}
