package io.hourledger.console.finance;

import io.hourledger.console.layout.PageQuery;
import io.hourledger.ledger.instance.Account;
import io.hourledger.ledger.statement.HoursSum;
import io.hourledger.ledger.statement.Statement;
import io.hourledger.ledger.statement.Statement.Equation;
import io.hourledger.ledger.statement.Statement.Grouping;
import io.hourledger.ledger.statement.Statement.Line;
import io.hourledger.ledger.statement.Statement.Scope;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;

/** The statement of an instance: its equation over its life, and the hours of a month with their records. */
@Controller
final class StatementPages {

    /** A month has 744 hours at most. More lines come from revisions and from hours with several records. */
    static final int MOST_LINES = 3000;

    private final Statement statement;
    private final Clock businessTime;

    StatementPages(Statement statement, Clock businessTime) {
        this.statement = statement;
        this.businessTime = businessTime;
    }

    /** An account of the equation with what is in it. */
    record Part(String name, BigDecimal amount) {}

    private record Read(List<Equation> equations, List<HoursSum> sums, List<Line> lines, boolean cut) {}

    @GetMapping("/statement")
    String statement(
            @RequestParam String instance, @RequestParam(required = false) @Nullable YearMonth month, Model model) {
        YearMonth shown = month == null ? YearMonth.from(businessTime.instant().atZone(ZoneOffset.UTC)) : month;
        Read read = statement.together(() -> read(instance, shown));
        if (read.equations.isEmpty()) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND, "the ledger has no such instance");
        }
        Equation equation = read.equations.getFirst();
        PageQuery query = PageQuery.of("/statement").with("instance", instance).with("month", shown);
        model.addAttribute("month", shown);
        model.addAttribute("instance", equation.instance());
        model.addAttribute("equation", equation);
        model.addAttribute("parts", parts(equation));
        model.addAttribute("sums", read.sums);
        model.addAttribute("lines", read.lines);
        model.addAttribute("cut", read.cut);
        model.addAttribute("earlier", query.with("month", shown.minusMonths(1)));
        model.addAttribute("later", query.with("month", shown.plusMonths(1)));
        return "statement";
    }

    private Read read(String instance, YearMonth month) {
        Scope scope = new Scope(instance, null, month);
        List<Equation> equations = new ArrayList<>();
        List<HoursSum> sums = new ArrayList<>();
        List<Line> lines = new ArrayList<>();
        int[] all = new int[1];
        statement.equations(scope, equations::add);
        statement.sums(scope, Grouping.INSTANCE, sums::add);
        statement.lines(scope, line -> {
            if (++all[0] <= MOST_LINES) {
                lines.add(line);
            }
        });
        return new Read(equations, sums, lines, all[0] > MOST_LINES);
    }

    private static List<Part> parts(Equation equation) {
        return Statement.IN_ORDER.stream()
                .map(account -> new Part(name(account), equation.in(account)))
                .toList();
    }

    static String name(Account account) {
        return account.label().replace('-', ' ');
    }
}
