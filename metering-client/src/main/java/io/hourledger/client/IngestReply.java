package io.hourledger.client;

import io.hourledger.client.SendResult.Fate;
import io.hourledger.client.SendResult.Item;
import io.hourledger.client.SendResult.Reach;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The service's answer to a batch, and what it says of each usage. Only what it says clearly counts: an answer that is not understood has
 * taken nothing, and the batch is sent again under the same ids.
 *
 * @param status HTTP's status
 * @param retryAfter the header of that name; empty if there is none
 * @param body what came with it
 */
record IngestReply(int status, String retryAfter, String body) {

    private static final int ACCEPTED = 202;
    private static final int MULTI_STATUS = 207;
    private static final int BAD_REQUEST = 400;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int CONTENT_TOO_LARGE = 413;
    private static final int SERVER_ERROR = 500;
    private static final int SERVICE_UNAVAILABLE = 503;
    private static final String BUSY = "busy";

    /** The codes of unavailable usage that the service never gave to its log. */
    private static final Set<String> NOT_TAKEN = Set.of(BUSY, "internal");

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    SendResult readFor(int usages) {
        Map<String, @Nullable Object> answer = JsonReader.object(body).orElse(Map.of());
        Optional<List<Item>> items = items(answer, usages);
        if (status == ACCEPTED) {
            // a gateway that queues, or whatever listens at a wrong address, says 202, too
            return items.filter(IngestReply::allAccepted).isPresent()
                    ? SendResult.allAccepted(usages)
                    : SendResult.unclear(usages, askedWait(), "HTTP 202 that does not count all usages as accepted");
        }
        String code = text(answer, "code");
        String cause = "HTTP " + status + (code.isEmpty() ? "" : " " + code);
        if (items.isPresent()) {
            return new SendResult(items.get(), reach(items.get()), askedWait(), cause);
        }
        Item none = saysNoneTaken(code, answer) ? Item.NOT_TAKEN : Item.UNCLEAR;
        boolean tooMuch = status == CONTENT_TOO_LARGE || status == BAD_REQUEST || status == REQUEST_TIMEOUT;
        if (!tooMuch || usages > 1) {
            Reach reach = tooMuch ? Reach.TOO_MUCH : Reach.ALL;
            return new SendResult(Collections.nCopies(usages, none), reach, askedWait(), cause);
        }
        // a usage that is refused alone: for good if the service itself says so, else held without holding up others
        Item alone =
                status == CONTENT_TOO_LARGE && !code.isEmpty() ? Item.rejected(code, "", text(answer, "detail")) : none;
        return new SendResult(List.of(alone), Reach.ITEMS, askedWait(), cause);
    }

    /** Whether the service itself refused the request whole. What stands between may have changed its answer. */
    private boolean saysNoneTaken(String code, Map<String, @Nullable Object> answer) {
        boolean refused = status >= BAD_REQUEST && status < SERVER_ERROR;
        boolean busy = status == SERVICE_UNAVAILABLE && code.equals(BUSY);
        return (refused || busy) && !code.isEmpty() && !answer.containsKey("items");
    }

    private static Reach reach(List<Item> items) {
        boolean nothing = items.stream().allMatch(item -> item.fate().sentAgain());
        return nothing ? Reach.ALL : Reach.ITEMS;
    }

    private static boolean allAccepted(List<Item> items) {
        return items.stream().allMatch(item -> item.fate() == Fate.ACCEPTED);
    }

    /** What each usage came to, if the answer accounts for all of them. */
    private Optional<List<Item>> items(Map<String, @Nullable Object> answer, int usages) {
        boolean mayHaveItems = status == ACCEPTED || status == MULTI_STATUS || status >= BAD_REQUEST;
        if (!mayHaveItems || !(answer.get("items") instanceof List<?> told)) {
            return Optional.empty();
        }
        // the service leaves out what it accepted, as it was asked to
        List<Item> items = new ArrayList<>(Collections.nCopies(usages, Item.ACCEPTED));
        for (Object one : told) {
            if (!(one instanceof Map<?, ?> item) || !place(item, items)) {
                return Optional.empty();
            }
        }
        boolean addsUp = number(answer, "accepted") == count(items, Fate.ACCEPTED)
                && number(answer, "rejected") == count(items, Fate.REJECTED)
                && number(answer, "unavailable") == count(items, Fate.NOT_TAKEN) + count(items, Fate.UNCLEAR);
        return addsUp ? Optional.of(items) : Optional.empty();
    }

    private static long count(List<Item> items, Fate fate) {
        return items.stream().filter(item -> item.fate() == fate).count();
    }

    private static boolean place(Map<?, ?> item, List<Item> items) {
        int index = number(item, "index");
        if (index < 0 || index >= items.size()) {
            return false;
        }
        switch (text(item, "status")) {
            case "accepted" -> {}
            case "rejected" ->
                items.set(index, Item.rejected(text(item, "code"), text(item, "field"), text(item, "detail")));
            case "unavailable" ->
                items.set(index, NOT_TAKEN.contains(text(item, "code")) ? Item.NOT_TAKEN : Item.UNCLEAR);
            default -> {
                return false;
            }
        }
        return true;
    }

    private @Nullable Duration askedWait() {
        if (!retryAfter.matches("[0-9]{1,9}")) {
            return null;
        }
        Duration asked = Duration.ofSeconds(Long.parseLong(retryAfter));
        return asked.compareTo(LONGEST_WAIT) < 0 ? asked : LONGEST_WAIT;
    }

    private static String text(Map<?, ?> object, String member) {
        return object.get(member) instanceof String text ? text : "";
    }

    /** The whole number that is not below zero; -1 if the member is anything else. */
    private static int number(Map<?, ?> object, String member) {
        try {
            return object.get(member) instanceof BigDecimal number ? Math.max(-1, number.intValueExact()) : -1;
        } catch (ArithmeticException notWhole) {
            return -1;
        }
    }
}
