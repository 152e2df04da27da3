package io.hourledger.console.finance;

import io.hourledger.console.layout.PageQuery;
import io.hourledger.ledger.instance.Account;
import io.hourledger.ledger.statement.HoursSum;
import io.hourledger.ledger.statement.InstanceList;
import io.hourledger.ledger.statement.InstanceList.Listed;
import io.hourledger.ledger.statement.MonthSums;
import io.hourledger.ledger.statement.MonthSums.Group;
import jakarta.servlet.http.HttpServletRequest;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * A month of the account: by instance, by buyer, by product, or in one sum, and beside another month if one is given. Lists of instances and of
 * buyers are read page by page.
 */
@Controller
final class MonthPages {

    static final int ROWS = 50;

    private final InstanceList instances;
    private final MonthSums sums;
    private final Clock businessTime;

    MonthPages(InstanceList instances, MonthSums sums, Clock businessTime) {
        this.instances = instances;
        this.sums = sums;
        this.businessTime = businessTime;
    }

    /** By what a month is shown. */
    enum By {
        INSTANCE,
        BUYER,
        PRODUCT,
        ACCOUNT;

        static By of(String text) {
            return Arrays.stream(values())
                    .filter(by -> by.label().equals(text))
                    .findFirst()
                    .orElse(INSTANCE);
        }

        /** As the page's address has it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A line of the month.
     *
     * @param buyerId empty unless the line is of an instance
     * @param against what the other month came to; null without one
     * @param name the instance, buyer or product; empty for the account
     */
    record Row(
            String name,
            String buyerId,
            String productId,
            String meter,
            @Nullable Group group,
            @Nullable Group against) {

        public BigDecimal reported() {
            return in(Account.REPORTED);
        }

        public BigDecimal inFlight() {
            return in(Account.IN_FLIGHT);
        }

        public BigDecimal withheld() {
            return in(Account.WITHHELD);
        }

        public BigDecimal writtenOff() {
            return in(Account.WRITTEN_OFF);
        }

        /** Zero if the month has no hour. */
        private BigDecimal in(Account account) {
            return group == null ? BigDecimal.ZERO : group.sum().in(account);
        }

        public BigDecimal metered() {
            return metered(group);
        }

        public BigDecimal carriedOn() {
            return group == null ? BigDecimal.ZERO : group.sum().carriedOn();
        }

        public BigDecimal meteredAgainst() {
            return metered(against);
        }

        public BigDecimal moreThanAgainst() {
            return metered().subtract(meteredAgainst());
        }

        public BigDecimal needsPerson() {
            return in(Account.UNKNOWN).add(in(Account.REFUSED)).add(in(Account.DISPUTED));
        }

        private static BigDecimal metered(@Nullable Group group) {
            if (group == null) {
                return BigDecimal.ZERO;
            }
            HoursSum sum = group.sum();
            return sum.metered().add(sum.credits());
        }
    }

    /** The first page is this month. */
    @GetMapping("/finance")
    String month(
            @RequestParam(required = false) @Nullable YearMonth month,
            @RequestParam(required = false) @Nullable YearMonth against,
            @RequestParam(name = "by", defaultValue = "") String way,
            @RequestParam(required = false) @Nullable String buyer,
            @RequestParam(required = false) @Nullable String product,
            @RequestParam(required = false) @Nullable String account,
            HttpServletRequest request,
            Model model) {
        By by = By.of(way);
        String @Nullable [] after = request.getParameterValues("after");
        YearMonth shown = month == null ? YearMonth.from(businessTime.instant().atZone(ZoneOffset.UTC)) : month;
        PageQuery query = PageQuery.of("/finance")
                .with("month", shown)
                .with("against", against)
                .with("by", by)
                .with("buyer", buyer)
                .with("product", product)
                .with("account", account);
        model.addAttribute("month", shown);
        model.addAttribute("against", against);
        model.addAttribute("by", by);
        model.addAttribute("ways", By.values());
        model.addAttribute("buyer", buyer);
        model.addAttribute("product", product);
        model.addAttribute("account", account);
        model.addAttribute("query", query);
        model.addAttribute("earlier", query.with("month", shown.minusMonths(1)));
        model.addAttribute("later", query.with("month", shown.plusMonths(1)));
        model.addAttribute("first", after == null);
        InstanceList.Filter filter =
                new InstanceList.Filter(blankToNull(buyer), blankToNull(product), null, shown, blankToNull(account));
        add(model, rows(by, shown, against, filter, after, query));
        return "month";
    }

    /**
     * @param next the address of the next page; null if this was the last
     */
    private record Rows(List<Row> rows, @Nullable PageQuery next) {}

    private static void add(Model model, Rows page) {
        model.addAttribute("rows", page.rows);
        model.addAttribute("next", page.next);
    }

    private Rows rows(
            By by,
            YearMonth month,
            @Nullable YearMonth against,
            InstanceList.Filter filter,
            String @Nullable [] after,
            PageQuery query) {
        MonthSums sums = this.sums.ofSellerAccount(filter.sellerAccount());
        return switch (by) {
            case INSTANCE -> byInstance(month, against, filter, after, query);
            case BUYER -> byBuyer(sums, month, against, filter.buyerId(), after, query);
            case PRODUCT -> all(sums.byProduct(month), against == null ? List.of() : sums.byProduct(against), by);
            case ACCOUNT -> all(sums.ofAccount(month), against == null ? List.of() : sums.ofAccount(against), by);
        };
    }

    private Rows byInstance(
            YearMonth month,
            @Nullable YearMonth against,
            InstanceList.Filter filter,
            String @Nullable [] after,
            PageQuery query) {
        InstanceList.Page page = instances.page(filter, InstanceList.Place.of(after), ROWS);
        List<String> ids = page.instances().stream()
                .map(listed -> listed.instance().instanceId())
                .toList();
        Map<String, Group> ofMonth = byName(sums.ofInstances(ids, month));
        Map<String, Group> ofOther = against == null ? Map.of() : byName(sums.ofInstances(ids, against));
        List<Row> rows = new ArrayList<>();
        for (Listed listed : page.instances()) {
            String id = listed.instance().instanceId();
            rows.add(new Row(
                    id,
                    listed.instance().buyerId(),
                    listed.productId(),
                    listed.instance().meter(),
                    ofMonth.get(id),
                    ofOther.get(id)));
        }
        InstanceList.Place next = page.next();
        return new Rows(rows, next == null ? null : query.withAll("after", next.parts()));
    }

    private static Rows byBuyer(
            MonthSums sums,
            YearMonth month,
            @Nullable YearMonth against,
            @Nullable String buyer,
            String @Nullable [] after,
            PageQuery query) {
        if (buyer != null) {
            return all(
                    sums.ofBuyers(List.of(buyer), month),
                    against == null ? List.of() : sums.ofBuyers(List.of(buyer), against),
                    By.BUYER);
        }
        MonthSums.BuyerPage page = sums.ofBuyersAfter(first(after), ROWS, month);
        List<Group> other = against == null
                ? List.of()
                : sums.ofBuyersAfter(first(after), ROWS, against).groups();
        String last = page.lastBuyer();
        return new Rows(all(page.groups(), other, By.BUYER).rows, last == null ? null : query.with("after", last));
    }

    /** Groups of either month, those that are in one of them alone included. */
    private static Rows all(List<Group> month, List<Group> other, By by) {
        Map<List<String>, Row> rows = new TreeMap<>(Comparator.comparing(List::toString));
        month.forEach(group -> rows.put(key(group), row(group, group, null, by)));
        other.forEach(group -> rows.merge(
                key(group), row(group, null, group, by), (mine, its) -> row(group, mine.group, its.against, by)));
        return new Rows(List.copyOf(rows.values()), null);
    }

    private static List<String> key(Group group) {
        return List.of(group.name(), group.sum().instance().meter());
    }

    private static Row row(Group named, @Nullable Group month, @Nullable Group other, By by) {
        return new Row(
                named.name(),
                by == By.BUYER ? named.name() : "",
                by == By.PRODUCT ? named.name() : "",
                named.sum().instance().meter(),
                month,
                other);
    }

    private static Map<String, Group> byName(List<Group> groups) {
        Map<String, Group> byName = new HashMap<>();
        groups.forEach(group -> byName.put(group.name(), group));
        return byName;
    }

    private static @Nullable String first(String @Nullable [] after) {
        return after == null ? null : after[0];
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }
}
