package io.hourledger.pusher.appinfo;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code hourledger.app-info.*}.
 *
 * @param templates what buyers are told of instances of which the app has said nothing; none: nothing
 * @param waitForApp whether the marketplace is told to wait until the app has said something of a new instance
 * @param templateAfter how long after the first call the template ends that; business time, since the marketplace counts in it
 */
@ConfigurationProperties("hourledger.app-info")
public record AppInfoSettings(
        @DefaultValue List<AppInfoTemplate> templates,
        @DefaultValue("false") boolean waitForApp,
        @DefaultValue("PT2H") Duration templateAfter) {

    /** The marketplace gives an order up after 3 h (koogallery.md, section 4.6), and asks only now and then. */
    private static final Duration LONGEST = Duration.ofMinutes(150);

    private static final Duration SHORTEST = Duration.ofMinutes(1);

    public AppInfoSettings {
        templates = List.copyOf(templates);
        Set<String> named = new HashSet<>();
        for (AppInfoTemplate template : templates) {
            for (String product : template.products()) {
                if (!named.add(product)) {
                    throw new IllegalArgumentException(
                            "hourledger.app-info.templates names the product " + product + " twice");
                }
            }
        }
        if (templateAfter.compareTo(SHORTEST) < 0 || templateAfter.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("hourledger.app-info.template-after is " + templateAfter
                    + "; it must be from PT1M to PT2H30M, since the marketplace gives an order up after 3 hours");
        }
        if (waitForApp && !named.contains(AppInfoTemplate.ALL)) {
            throw new IllegalArgumentException(
                    "hourledger.app-info.wait-for-app needs a template for the product *: it ends the waiting when the app"
                            + " says nothing");
        }
    }

    Optional<AppInfoTemplate> template(String productId) {
        return named(productId).or(() -> named(AppInfoTemplate.ALL));
    }

    private Optional<AppInfoTemplate> named(String product) {
        return templates.stream()
                .filter(template -> template.products().contains(product))
                .findFirst();
    }
}
