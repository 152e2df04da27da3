package io.hourledger.console.layout;

import io.hourledger.console.access.SignedInUser;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.transaction.TransactionException;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.server.ResponseStatusException;

/** Gives every page who looks at it, in which zone, and how figures are written; and says what is wrong when a page cannot be made. */
@ControllerAdvice
final class PageModel {

    private static final Logger log = LoggerFactory.getLogger(PageModel.class);

    private static final List<String> USUAL_ZONES = List.of("UTC", "Asia/Shanghai");

    @ModelAttribute
    void add(HttpServletRequest request, Model model) {
        PageFormat format = format(request);
        List<String> zones = new ArrayList<>(USUAL_ZONES);
        if (!zones.contains(format.zoneName())) {
            zones.add(format.zoneName());
        }
        model.addAttribute("fmt", format);
        model.addAttribute("zones", zones);
        model.addAttribute("user", SignedInUser.of(request).orElse(null));
        model.addAttribute("here", here(request));
        model.addAttribute("path", request.getRequestURI());
    }

    private static String here(HttpServletRequest request) {
        String query = request.getQueryString();
        return query == null ? request.getRequestURI() : request.getRequestURI() + "?" + query;
    }

    private static PageFormat format(HttpServletRequest request) {
        Cookie @Nullable [] cookies = request.getCookies();
        return cookies == null
                ? PageFormat.UTC
                : Arrays.stream(cookies)
                        .filter(cookie -> cookie.getName().equals(ZonePages.COOKIE))
                        .map(cookie -> PageFormat.in(cookie.getValue()))
                        .findFirst()
                        .orElse(PageFormat.UTC);
    }

    @ExceptionHandler({DataAccessException.class, TransactionException.class})
    @ResponseStatus(HttpStatus.SERVICE_UNAVAILABLE)
    String unreadable(RuntimeException failure, HttpServletRequest request, Model model) {
        log.atWarn()
                .addKeyValue("path", request.getRequestURI())
                .setCause(failure)
                .log("a page could not be read");
        return problem(
                request,
                model,
                "This page could not be read",
                "The database did not answer within 5 seconds, or the ledger's tables are not there yet. Nothing was changed."
                        + " Ask for less, such as one instance or one buyer, or use the command line, which has no time-out.");
    }

    /** The sentence says what to do instead; the title says what kind of no it is. */
    @ExceptionHandler(ResponseStatusException.class)
    String refused(
            ResponseStatusException refused, HttpServletRequest request, HttpServletResponse response, Model model) {
        response.setStatus(refused.getStatusCode().value());
        return problem(
                request,
                model,
                title(HttpStatus.resolve(refused.getStatusCode().value())),
                Objects.requireNonNullElse(refused.getReason(), ""));
    }

    private static String title(@Nullable HttpStatus status) {
        return switch (status) {
            case NOT_FOUND -> "There is no such page";
            case BAD_REQUEST -> "That cannot be read";
            case SERVICE_UNAVAILABLE -> "Not now";
            case null, default -> "That cannot be done";
        };
    }

    @ExceptionHandler(MethodArgumentTypeMismatchException.class)
    @ResponseStatus(HttpStatus.BAD_REQUEST)
    String wrong(MethodArgumentTypeMismatchException wrong, HttpServletRequest request, Model model) {
        return problem(
                request,
                model,
                "That cannot be read",
                wrong.getName()
                        + " is not as it must be: a month is written like 2026-11, a time like 2026-11-24T14:00:00Z.");
    }

    private String problem(HttpServletRequest request, Model model, String title, String detail) {
        add(request, model);
        model.addAttribute("title", title);
        model.addAttribute("detail", detail);
        return "problem";
    }
}
