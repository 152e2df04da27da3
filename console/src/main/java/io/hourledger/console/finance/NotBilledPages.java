package io.hourledger.console.finance;

import io.hourledger.console.layout.PageQuery;
import io.hourledger.ledger.instance.WithholdReason;
import io.hourledger.ledger.statement.NotBilled;
import io.hourledger.ledger.statement.NotBilled.Item;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Which usage of a month is not billed, and why, each with the command that decides about it. */
@Controller
final class NotBilledPages {

    static final int ROWS = 50;

    /** Nobody was ever to be billed for it. */
    private static final Set<String> NEVER_SOLD =
            Set.of(WithholdReason.TEST, WithholdReason.NO_MARKETPLACE, WithholdReason.NOT_PAY_PER_USE);

    /** The ledger refuses to bill it. */
    private static final Set<String> NEVER_BILLED =
            Set.of(NotBilled.NOT_BILLABLE, WithholdReason.CREDIT_OF_ANOTHER_SYSTEM, WithholdReason.TOO_OLD);

    private final NotBilled notBilled;
    private final Clock businessTime;

    NotBilledPages(NotBilled notBilled, Clock businessTime) {
        this.notBilled = notBilled;
        this.businessTime = businessTime;
    }

    /**
     * A line of the list.
     *
     * @param age whole hours or days
     * @param command what decides about it on the command line, without who and why; null if nobody has to
     */
    record Row(Item item, String age, @Nullable String command) {}

    /** Last month if none is asked for: that is the one being billed. */
    @GetMapping("/not-billed")
    String notBilled(
            @RequestParam(required = false) @Nullable YearMonth month,
            @RequestParam(required = false) @Nullable String reason,
            @RequestParam(required = false) @Nullable String buyer,
            @RequestParam(required = false) @Nullable String account,
            HttpServletRequest request,
            Model model) {
        Instant now = businessTime.instant();
        YearMonth shown =
                month == null ? YearMonth.from(now.atZone(ZoneOffset.UTC)).minusMonths(1) : month;
        String known = NotBilled.REASONS.contains(String.valueOf(reason)) ? reason : null;
        NotBilled.Filter filter = new NotBilled.Filter(shown, known, blankToNull(buyer), blankToNull(account));
        NotBilled.Place after = NotBilled.Place.of(request.getParameterValues("after"));
        NotBilled.Page page = notBilled.page(filter, after, ROWS);
        NotBilled.Place next = page.next();
        PageQuery query = PageQuery.of("/not-billed")
                .with("month", shown)
                .with("reason", known)
                .with("buyer", buyer)
                .with("account", account);
        model.addAttribute("month", shown);
        model.addAttribute("reason", known);
        model.addAttribute("reasons", NotBilled.REASONS);
        model.addAttribute("buyer", buyer);
        model.addAttribute("account", account);
        model.addAttribute("query", query);
        model.addAttribute("earlier", query.with("month", shown.minusMonths(1)));
        model.addAttribute("later", query.with("month", shown.plusMonths(1)));
        model.addAttribute("first", after == null);
        model.addAttribute("sums", after == null ? notBilled.withheld(filter) : List.of());
        model.addAttribute(
                "rows", page.items().stream().map(item -> row(item, now)).toList());
        model.addAttribute("next", next == null ? null : query.withAll("after", next.parts()));
        return "not-billed";
    }

    private static Row row(Item item, Instant now) {
        return new Row(item, age(Duration.between(item.since(), now)), command(item));
    }

    private static String age(Duration age) {
        return age.toDays() > 2 ? age.toDays() + " days" : Math.max(0, age.toHours()) + " h";
    }

    private static @Nullable String command(Item item) {
        String decide = "./metering ledger decide ";
        NotBilled.OpenRecord record = item.record();
        if (record != null) {
            return switch (item.reason()) {
                // only the seller console knows, and a line that can be copied would be taken for what is right
                case "unknown" -> decide + "BILLED-OR-NOT-BILLED " + record.meteringSn();
                case "refused", "disputed" -> decide + "reissue " + record.meteringSn();
                default -> null;
            };
        }
        if (NEVER_SOLD.contains(item.reason())) {
            return null;
        }
        return decide + (NEVER_BILLED.contains(item.reason()) ? "write-off-withheld " : "bill-withheld ")
                + item.instance().instanceId() + " " + item.hour()
                + (item.revision() == 0 ? "" : " --revision " + item.revision());
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }
}
