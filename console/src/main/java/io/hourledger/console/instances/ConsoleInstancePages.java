package io.hourledger.console.instances;

import io.hourledger.console.layout.PageQuery;
import io.hourledger.ledger.statement.InstanceList;
import io.hourledger.ledger.statement.InstanceList.Filter;
import io.hourledger.ledger.statement.InstanceList.Place;
import io.hourledger.ledger.statement.InstanceList.State;
import io.hourledger.ledger.statement.InstanceOverview;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;

/** The list of instances, and one of them. */
@Controller
final class ConsoleInstancePages {

    private static final int ROWS = 50;

    private final InstanceList instances;
    private final InstanceOverview overviews;
    private final Clock businessTime;

    ConsoleInstancePages(InstanceList instances, InstanceOverview overviews, Clock businessTime) {
        this.instances = instances;
        this.overviews = overviews;
        this.businessTime = businessTime;
    }

    @GetMapping("/instances")
    String list(
            @RequestParam(defaultValue = "") String buyer,
            @RequestParam(defaultValue = "") String product,
            @RequestParam(defaultValue = "") String state,
            HttpServletRequest request,
            Model model) {
        String @Nullable [] after = request.getParameterValues("after");
        InstanceList.Page page =
                instances.page(new Filter(orNull(buyer), orNull(product), stateOf(state), null), Place.of(after), ROWS);
        PageQuery query = PageQuery.of("/instances")
                .with("buyer", buyer)
                .with("product", product)
                .with("state", state);
        Place next = page.next();
        model.addAttribute("instances", page.instances());
        model.addAttribute("next", next == null ? null : query.withAll("after", next.parts()));
        model.addAttribute("query", query);
        model.addAttribute("first", after == null);
        model.addAttribute("buyer", buyer);
        model.addAttribute("product", product);
        model.addAttribute("state", state);
        model.addAttribute("states", State.values());
        return "instances";
    }

    @GetMapping("/instance")
    String one(@RequestParam String id, @RequestParam(required = false) @Nullable YearMonth month, Model model) {
        YearMonth shown = month == null ? YearMonth.from(businessTime.instant().atZone(ZoneOffset.UTC)) : month;
        InstanceOverview.Overview overview = overviews
                .of(id, shown)
                .orElseThrow(
                        () -> new ResponseStatusException(HttpStatus.NOT_FOUND, "the ledger has no such instance"));
        PageQuery query = PageQuery.of("/instance").with("id", id).with("month", shown);
        model.addAttribute("month", shown);
        model.addAttribute("overview", overview);
        model.addAttribute("life", overview.life());
        model.addAttribute("heat", HeatMap.of(shown, overview.hours()));
        model.addAttribute("columns", IntStream.range(0, 24).boxed().toList());
        model.addAttribute("earlier", query.with("month", shown.minusMonths(1)));
        model.addAttribute("later", query.with("month", shown.plusMonths(1)));
        return "instance";
    }

    private static @Nullable String orNull(String text) {
        return text.isBlank() ? null : text.strip();
    }

    /** Null, all states, for what is none. */
    private static @Nullable State stateOf(String text) {
        return Arrays.stream(State.values())
                .filter(state -> state.label().equals(text))
                .findFirst()
                .orElse(null);
    }
}
