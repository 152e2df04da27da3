package io.hourledger.pusher.appinfo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the buyers of some products are told as long as the app has said nothing of their instance. Ids of instance, order, buyer and product are
 * filled in where their names stand between braces, such as <code>{instanceId}</code>.
 *
 * @param products the products that it is for; {@code *} for all that no other names
 * @param frontEndUrl where the buyer uses the app
 * @param adminUrl where the buyer administers it; null if nowhere else
 * @param memo anything else for the buyer; null for nothing
 */
public record AppInfoTemplate(
        @DefaultValue List<String> products, String frontEndUrl, @Nullable String adminUrl, @Nullable String memo) {

    static final String ALL = "*";

    private static final Pattern NAME = Pattern.compile("\\{([^{}]*)}");
    private static final Set<String> NAMES = Set.of("instanceId", "orderId", "buyerId", "productId");
    private static final String LONGEST = "x".repeat(64);

    public AppInfoTemplate {
        products = List.copyOf(products);
        require(!products.isEmpty(), "products is empty: name them, or all that no other names by *");
        require(frontEndUrl != null && !frontEndUrl.isBlank(), "front-end-url is missing");
        for (String text : new String[] {frontEndUrl, adminUrl == null ? "" : adminUrl, memo == null ? "" : memo}) {
            NAME.matcher(text)
                    .results()
                    .map((MatchResult found) -> found.group(1))
                    .forEach(name -> require(
                            NAMES.contains(name),
                            "{" + name + "} is none of {instanceId}, {orderId}, {buyerId}, {productId}"));
        }
        try {
            filled(frontEndUrl, adminUrl, memo, new Subject(LONGEST, null, LONGEST, LONGEST, LONGEST));
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("hourledger.app-info.templates: " + wrong.getMessage(), wrong);
        }
    }

    /**
     * What a buyer is told of an instance.
     *
     * @param servedInstanceId of a package the pay-per-use instance that it is for; null of any other
     */
    public record Subject(
            String instanceId, @Nullable String servedInstanceId, String productId, String orderId, String buyerId) {}

    /**
     * @throws IllegalArgumentException if ids of this instance are so long that the marketplace would not take it
     */
    AppInfo filledFor(Subject subject) {
        return filled(frontEndUrl, adminUrl, memo, subject);
    }

    private static AppInfo filled(
            String frontEndUrl, @Nullable String adminUrl, @Nullable String memo, Subject subject) {
        return new AppInfo(
                inAddress(frontEndUrl, subject),
                adminUrl == null ? null : inAddress(adminUrl, subject),
                null,
                memo == null ? null : NAME.matcher(memo).replaceAll(found -> quoted(values(subject), found, false)));
    }

    private static String inAddress(String text, Subject subject) {
        return NAME.matcher(text).replaceAll(found -> quoted(values(subject), found, true));
    }

    private static String quoted(Map<String, String> values, MatchResult found, boolean encoded) {
        String value = values.getOrDefault(found.group(1), "");
        return Matcher.quoteReplacement(encoded ? URLEncoder.encode(value, UTF_8) : value);
    }

    private static Map<String, String> values(Subject subject) {
        return Map.of(
                "instanceId", subject.instanceId(),
                "orderId", subject.orderId(),
                "buyerId", subject.buyerId(),
                "productId", subject.productId());
    }

    private static void require(boolean met, String sentence) {
        if (!met) {
            throw new IllegalArgumentException("hourledger.app-info.templates: " + sentence);
        }
    }
}
