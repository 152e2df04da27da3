package io.hourledger.pusher.notice;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code hourledger.notices.*}. All times are elapsed time.
 *
 * @param topic the Kafka topic; made with one partition if it is not there
 * @param topicRetention how long the topic keeps notices at least
 * @param keep how long the database keeps notices that were delivered, and so how long one can be recognised as told already
 * @param webhooks where notices are sent besides
 * @param unsafeHttpAllowed whether an endpoint may be one without TLS; for tests and for a proxy on the same machine
 * @param retry how long and how often a webhook is tried
 */
@ConfigurationProperties("hourledger.notices")
public record NoticeSettings(
        @DefaultValue("notices") String topic,
        @DefaultValue("30d") Duration topicRetention,
        @DefaultValue("30d") Duration keep,
        @DefaultValue List<Webhook> webhooks,
        @DefaultValue("false") boolean unsafeHttpAllowed,
        @DefaultValue Retry retry) {

    private static final int MOST_WEBHOOKS = 16;
    private static final int MOST_SECRETS = 2;
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

    public NoticeSettings {
        if (topic.isBlank()) {
            throw new IllegalArgumentException("hourledger.notices.topic must not be empty; notices is usual");
        }
        atLeast("topic-retention", topicRetention, Duration.ofDays(1));
        // usage of a package may come for 20 days: its end is told once
        atLeast("keep", keep, Duration.ofDays(21));
        webhooks = List.copyOf(webhooks);
        if (webhooks.size() > MOST_WEBHOOKS) {
            throw new IllegalArgumentException(
                    "hourledger.notices.webhooks has " + webhooks.size() + " endpoints, and may have " + MOST_WEBHOOKS);
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < webhooks.size(); i++) {
            WebhookEndpoint endpoint =
                    webhooks.get(i).endpoint("hourledger.notices.webhooks[" + i + "]", unsafeHttpAllowed);
            if (!names.add(endpoint.name())) {
                throw new IllegalArgumentException("two of hourledger.notices.webhooks are called " + endpoint.name());
            }
        }
    }

    /**
     * An endpoint.
     *
     * @param name stands in the database, in metrics and in commands; what is queued stays under it
     * @param url takes POST
     * @param secrets one, or two while it is changed; each {@code whsec_} and 24 to 64 bytes in base64
     * @param types the CloudEvents types that it takes; empty for all
     */
    public record Webhook(
            @Nullable String name,
            @Nullable URI url,
            @DefaultValue List<String> secrets,
            @DefaultValue List<String> types) {

        /**
         * @param setting what it is called in a sentence
         * @throws IllegalArgumentException with a sentence for a person
         */
        WebhookEndpoint endpoint(String setting, boolean httpAllowed) {
            if (name == null || !NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        setting + ".name must be lower-case letters, digits and dashes, 40 at most");
            }
            return new WebhookEndpoint(name, address(setting + ".url", httpAllowed), keys(setting), wanted(setting));
        }

        private URI address(String setting, boolean httpAllowed) {
            URI given = url;
            String scheme = given == null || given.getScheme() == null
                    ? ""
                    : given.getScheme().toLowerCase(Locale.ROOT);
            boolean usable = given != null
                    && given.getHost() != null
                    && given.getUserInfo() == null
                    && (scheme.equals("https") || (httpAllowed && scheme.equals("http")));
            if (given == null || !usable) {
                throw new IllegalArgumentException(setting
                        + " must be an address that begins with https:// and names no user; for tests"
                        + " hourledger.notices.unsafe-http-allowed=true allows http://");
            }
            return given;
        }

        private List<WebhookSecret> keys(String setting) {
            if (secrets.isEmpty() || secrets.size() > MOST_SECRETS) {
                throw new IllegalArgumentException(setting + ".secrets must be one secret, or two while it is changed");
            }
            List<WebhookSecret> keys = new ArrayList<>();
            for (int i = 0; i < secrets.size(); i++) {
                try {
                    keys.add(WebhookSecret.of(secrets.get(i)));
                } catch (IllegalArgumentException wrong) {
                    throw new IllegalArgumentException(setting + ".secrets[" + i + "]: " + wrong.getMessage());
                }
            }
            return keys;
        }

        private Set<NoticeType> wanted(String setting) {
            Set<NoticeType> wanted = EnumSet.noneOf(NoticeType.class);
            for (String type : types) {
                wanted.add(NoticeType.of(type)
                        .orElseThrow(() -> new IllegalArgumentException(setting + ".types: there is no notice " + type
                                + "; there are "
                                + List.of(NoticeType.values()).stream()
                                        .map(NoticeType::text)
                                        .toList())));
            }
            return wanted.isEmpty() ? EnumSet.allOf(NoticeType.class) : wanted;
        }

        /** Without the secrets. */
        @Override
        public String toString() {
            return "Webhook[" + name + ", " + url + "]";
        }
    }

    /**
     * How a webhook is tried.
     *
     * @param connectTimeout for making a connection
     * @param answerTimeout from sending to the answer's end
     * @param firstBackOff how long a notice waits that was not taken; doubled with each try
     * @param longestBackOff the longest such wait
     * @param giveUpAfter how long a notice is tried until it is a dead letter
     */
    public record Retry(
            @DefaultValue("2s") Duration connectTimeout,
            @DefaultValue("10s") Duration answerTimeout,
            @DefaultValue("1s") Duration firstBackOff,
            @DefaultValue("5m") Duration longestBackOff,
            @DefaultValue("24h") Duration giveUpAfter) {

        public Retry {
            atLeast("retry.connect-timeout", connectTimeout, Duration.ofMillis(1));
            atLeast("retry.answer-timeout", answerTimeout, Duration.ofMillis(1));
            atLeast("retry.first-back-off", firstBackOff, Duration.ofMillis(10));
            atLeast("retry.longest-back-off", longestBackOff, firstBackOff);
            atLeast("retry.give-up-after", giveUpAfter, Duration.ofSeconds(1));
            if (answerTimeout.compareTo(Duration.ofMinutes(1)) > 0) {
                throw new IllegalArgumentException(
                        "hourledger.notices.retry.answer-timeout is " + answerTimeout + "; it may be 1m at most");
            }
            if (giveUpAfter.compareTo(Duration.ofDays(14)) > 0) {
                throw new IllegalArgumentException(
                        "hourledger.notices.retry.give-up-after is " + giveUpAfter + "; it may be 14d at most");
            }
        }
    }

    /** The endpoints, in the order of the settings. */
    List<WebhookEndpoint> endpoints() {
        return webhooks.stream()
                .map(webhook -> webhook.endpoint("hourledger.notices.webhooks", unsafeHttpAllowed))
                .toList();
    }

    private static void atLeast(String name, Duration value, Duration least) {
        if (value.compareTo(least) < 0) {
            throw new IllegalArgumentException(
                    "hourledger.notices." + name + " is " + value + "; it must be " + least + " or more");
        }
    }
}
