package io.hourledger.console.layout;

import io.hourledger.ledger.statement.IncompleteInstances;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;

/** Says on each page of figures which instances lack events: the one that the page is about, or those of its buyer, or all. */
@ControllerAdvice(basePackages = {"io.hourledger.console.finance", "io.hourledger.console.instances"})
final class IncompleteFigures {

    private static final int MOST_NAMED = 20;

    private final IncompleteInstances instances;

    IncompleteFigures(DataSource database) {
        this.instances = new IncompleteInstances(database);
    }

    @ModelAttribute
    void add(HttpServletRequest request, Model model) {
        String id = parameter(request, "id");
        Collection<String> all = instances
                .of(id == null ? parameter(request, "instance") : id, parameter(request, "buyer"))
                .values();
        List<String> sentences = new ArrayList<>(all.stream().limit(MOST_NAMED).toList());
        if (all.size() > MOST_NAMED) {
            sentences.add("and " + (all.size() - MOST_NAMED) + " more instances");
        }
        model.addAttribute("incomplete", sentences);
    }

    private static @Nullable String parameter(HttpServletRequest request, String name) {
        String text = request.getParameter(name);
        return text == null || text.isBlank() ? null : text.strip();
    }
}
