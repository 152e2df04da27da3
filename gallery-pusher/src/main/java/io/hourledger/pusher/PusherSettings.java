package io.hourledger.pusher;

import io.hourledger.pusher.koogallery.KooGallery;
import io.hourledger.pusher.push.PushSettings;
import io.hourledger.pusher.push.RateLimitSettings;
import io.hourledger.pusher.push.SellerAccounts;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code hourledger.pusher.*}. All times are elapsed time.
 *
 * @param sellerKey the seller's interconnection key: signs pushes and answers, verifies calls
 * @param oldSellerKey the key before, while it is changed in the seller console: calls signed with it are believed, and pushes go on
 *     whichever of the two the marketplace takes; null once the change is over
 * @param accessKey AK, for query order
 * @param secretKey SK, for query order
 * @param baseUrl the marketplace's address
 * @param fallbackUrl where to go when the first is down
 * @param hostsKnowEachOther whether fallback-url knows the usage records that the first has. Only then do records go there: one that may
 *     have arrived at the first could be billed at both
 * @param account a name for the seller account; an instance belongs to the account that it was ordered from
 * @param accounts further seller accounts of this installation
 * @param shadow whether the account of a new database begins in shadow: all is counted and issued, and nothing is sent until a person says from which hour on
 * @param owner who this process is to other pushers. Unset: a new name for each process. Set, a restarted process takes its lease up again at
 *     once; then no two processes may have the same
 * @param billingZone whose days products with a daily billing cycle are collected by
 * @param callbackTimestampZone the zone that {@code timeStamp} of callbacks V1.0 is told in
 * @param callbackTimestampTolerance how far {@code timeStamp} of callbacks V1.0 may lie from the machine's time
 * @param callbackRetention how long callbacks are kept; longer than any of them is believed
 * @param lease how long the account is ours without renewal
 * @param maxRecords records in one call at most
 * @param callsPerSecond the ceiling of the rate
 * @param callsInFlight calls under way at once at most
 * @param workers threads that claim, send and settle
 * @param lateEvery every so-many-th call begins with the hours that are late already
 * @param connectTimeout for making a connection
 * @param answerTimeout from sending to the last byte of a push's answer
 * @param orderTimeout the same for query order; a callback must be answered within 5 s
 * @param firstBackOff how long a record without an outcome waits before it goes again; doubled with each try
 * @param longestBackOff the longest such wait
 * @param firstPause the first pause after a throttle that named no time, or after too much trouble; doubled with each further one
 * @param longestPause the longest such pause
 * @param raiseEvery how long a lowered rate must be borne before it is raised by a tenth of the ceiling
 * @param window how long a new owner of the account waits before its first call
 * @param probeEvery how often to ask again while the marketplace accepts nothing from us
 * @param stalledAfter how long nothing may be accepted while records are due, before health says that pushing stands still
 * @param retryUnopenedEvery how often to try again to open instances that wait for their order or for a person
 * @param packageOrderWait how long, in business time, a package of V1.0 waits for pay per use of the same order; 0 if such orders never hold both
 */
@ConfigurationProperties("hourledger.pusher")
record PusherSettings(
        @Nullable String sellerKey,
        @Nullable String oldSellerKey,
        @Nullable String accessKey,
        @Nullable String secretKey,
        @Nullable URI baseUrl,
        @Nullable URI fallbackUrl,
        @DefaultValue("false") boolean hostsKnowEachOther,
        @DefaultValue("default") String account,
        @DefaultValue List<OwnAccount> accounts,
        @DefaultValue("false") boolean shadow,
        @Nullable String owner,
        @DefaultValue("Asia/Shanghai") ZoneId billingZone,
        @DefaultValue("UTC") ZoneId callbackTimestampZone,
        @DefaultValue("60s") Duration callbackTimestampTolerance,
        @DefaultValue("90d") Duration callbackRetention,
        @DefaultValue("15s") Duration lease,
        @DefaultValue("1000") int maxRecords,
        @DefaultValue("5") double callsPerSecond,
        @DefaultValue("1") int callsInFlight,
        @DefaultValue("2") int workers,
        @DefaultValue("5") int lateEvery,
        @DefaultValue("2s") Duration connectTimeout,
        @DefaultValue("30s") Duration answerTimeout,
        @DefaultValue("1500ms") Duration orderTimeout,
        @DefaultValue("1s") Duration firstBackOff,
        @DefaultValue("60s") Duration longestBackOff,
        @DefaultValue("1s") Duration firstPause,
        @DefaultValue("60s") Duration longestPause,
        @DefaultValue("10s") Duration raiseEvery,
        @DefaultValue("1s") Duration window,
        @DefaultValue("60s") Duration probeEvery,
        @DefaultValue("5m") Duration stalledAfter,
        @DefaultValue("30s") Duration retryUnopenedEvery,
        @DefaultValue("10m") Duration packageOrderWait) {

    /** How long a callback's body may take. */
    static final Duration CALLBACK_BODY = Duration.ofSeconds(1);

    /** After how long a callback is answered at the latest; what is left of its 5 s is for the network. */
    static final Duration CALLBACK_ANSWER = Duration.ofMillis(4500);

    private static final Duration CALLBACK_LIMIT = Duration.ofSeconds(5);
    private static final Duration LONGEST_TOLERANCE = Duration.ofHours(1);
    private static final Duration SHORTEST_RETENTION = Duration.ofDays(1);
    private static final Duration LONGEST_ORDER_WAIT = Duration.ofHours(2);
    private static final Duration IDLE_POLL = Duration.ofMillis(100);
    private static final Duration ONE_CALL_MORE = Duration.ofSeconds(30);
    private static final double SLOWEST_CALLS_PER_SECOND = 0.1;

    /** For callbacks, projections, requests of apps and pages, and six openings of ordered instances. */
    private static final int CONNECTIONS = 15;

    /** For its lease, its intake and a push. */
    private static final int CONNECTIONS_OF_ACCOUNT = 3;

    /** Each has threads and connections of its own, and is a value of a metric's tag. */
    private static final int MOST_ACCOUNTS = 16;

    PusherSettings {
        present("seller-key", sellerKey, "the interconnection key from the seller console");
        present("access-key", accessKey, "the AK that may call query order");
        present("secret-key", secretKey, "the SK that belongs to the access key");
        address("base-url", baseUrl);
        accounts = List.copyOf(accounts);
        checkAccounts(account, accounts);
        checkSellerKeys(sellerKey, oldSellerKey, accounts);
        if (fallbackUrl != null) {
            address("fallback-url", fallbackUrl);
        }
        within("max-records", maxRecords, 1, KooGallery.MAX_RECORDS);
        within("calls-in-flight", callsInFlight, 1, 16);
        within("workers", workers, 1, 16);
        within("late-every", lateEvery, 2, 100);
        rate("calls-per-second", callsPerSecond);
        if (lease.compareTo(connectTimeout.multipliedBy(2)) <= 0) {
            throw wrong("lease", lease, "longer than twice connect-timeout, or no call would fit into it");
        }
        if (CALLBACK_BODY.plus(connectTimeout).plus(orderTimeout).compareTo(CALLBACK_LIMIT) >= 0) {
            throw wrong(
                    "order-timeout",
                    orderTimeout,
                    "so short that with connect-timeout, and 1 s for the body, it stays under the 5 s in which a callback must"
                            + " be answered");
        }
        if (callbackTimestampTolerance.compareTo(LONGEST_TOLERANCE) > 0) {
            throw wrong("callback-timestamp-tolerance", callbackTimestampTolerance, "an hour at most");
        }
        if (callbackRetention.compareTo(SHORTEST_RETENTION) < 0) {
            throw wrong(
                    "callback-retention",
                    callbackRetention,
                    "a day at least: a call that is forgotten while it is believed could be played again");
        }
        for (Duration positive : new Duration[] {
            callbackTimestampTolerance,
            connectTimeout,
            answerTimeout,
            orderTimeout,
            firstBackOff,
            firstPause,
            raiseEvery,
            probeEvery,
            stalledAfter,
            retryUnopenedEvery
        }) {
            if (positive.isZero() || positive.isNegative()) {
                throw new IllegalArgumentException("a time of hourledger.pusher.* is not above zero: " + positive);
            }
        }
        if (packageOrderWait.isNegative() || packageOrderWait.compareTo(LONGEST_ORDER_WAIT) > 0) {
            throw wrong(
                    "package-order-wait",
                    packageOrderWait,
                    "from 0 to 2h: the marketplace gives an order up that is not open after 3 h");
        }
        if (longestBackOff.compareTo(firstBackOff) < 0 || longestPause.compareTo(firstPause) < 0) {
            throw new IllegalArgumentException(
                    "hourledger.pusher.longest-back-off and longest-pause must not be shorter than the first ones");
        }
    }

    /**
     * A further seller account. What is not its own it has as {@code hourledger.pusher} says.
     *
     * @param name a label, also in the path of its callbacks and in the name of its journal topic
     * @param sellerKey as {@code hourledger.pusher.seller-key}; of each account its own
     * @param baseUrl the site that it sells on
     * @param fallbackUrl where to go when that is down; taken from {@code hourledger.pusher} only with its base-url
     * @param hostsKnowEachOther as {@code hourledger.pusher.hosts-know-each-other}, of its own hosts; what that says of the first account's hosts
     *     holds for it only if it has them
     */
    record OwnAccount(
            @Nullable String name,
            @Nullable String sellerKey,
            @Nullable String oldSellerKey,
            @Nullable String accessKey,
            @Nullable String secretKey,
            @Nullable URI baseUrl,
            @Nullable URI fallbackUrl,
            @DefaultValue("false") boolean hostsKnowEachOther,
            @Nullable Double callsPerSecond,
            @DefaultValue("false") boolean shadow) {

        private void check(String prefix) {
            if (name == null || !SellerAccounts.isName(name)) {
                throw wrong(
                        prefix + ".name",
                        String.valueOf(name),
                        "lower-case letters, digits and hyphens, 40 at most, and begin with no hyphen");
            }
            present(prefix + ".seller-key", sellerKey, "the interconnection key from the console of seller " + name);
            present(prefix + ".access-key", accessKey, "the AK of seller " + name);
            present(prefix + ".secret-key", secretKey, "the SK that belongs to the access key");
            if (baseUrl != null) {
                address(prefix + ".base-url", baseUrl);
            }
            if (fallbackUrl != null) {
                address(prefix + ".fallback-url", fallbackUrl);
            }
            if (callsPerSecond != null) {
                rate(prefix + ".calls-per-second", callsPerSecond);
            }
        }
    }

    private static void checkAccounts(String first, List<OwnAccount> accounts) {
        if (accounts.size() >= MOST_ACCOUNTS) {
            throw wrong("accounts", accounts.size(), "at most " + (MOST_ACCOUNTS - 1) + " beside the first");
        }
        Set<String> names = new HashSet<>(Set.of(first));
        for (int i = 0; i < accounts.size(); i++) {
            OwnAccount account = accounts.get(i);
            account.check("accounts[" + i + "]");
            if (!names.add(String.valueOf(account.name()))) {
                throw wrong(
                        "accounts[" + i + "].name",
                        String.valueOf(account.name()),
                        "another than that of every other account");
            }
        }
    }

    /** Else a call on the path of the one would be believed as the other's, and open an instance for the wrong account. */
    private static void checkSellerKeys(
            @Nullable String sellerKey, @Nullable String oldSellerKey, List<OwnAccount> accounts) {
        Set<String> ofOthers = keysOf(sellerKey, oldSellerKey);
        for (int i = 0; i < accounts.size(); i++) {
            Set<String> own =
                    keysOf(accounts.get(i).sellerKey(), accounts.get(i).oldSellerKey());
            if (!Collections.disjoint(own, ofOthers)) {
                throw new IllegalArgumentException("hourledger.pusher.accounts[" + i
                        + "] has the seller key of another account; each account has keys of its own");
            }
            ofOthers.addAll(own);
        }
    }

    private static Set<String> keysOf(@Nullable String newest, @Nullable String before) {
        Set<String> keys = new HashSet<>();
        if (newest != null && !newest.isBlank()) {
            keys.add(newest);
        }
        if (before != null && !before.isBlank()) {
            keys.add(before);
        }
        return keys;
    }

    /** All seller accounts, the first of {@code hourledger.pusher} first, each with all that it has. */
    List<SellerAccountSettings> sellerAccounts() {
        List<SellerAccountSettings> all = new ArrayList<>();
        all.add(new SellerAccountSettings(
                account,
                new SellerAccountSettings.Keys(
                        Objects.requireNonNull(sellerKey),
                        oldSellerKey,
                        Objects.requireNonNull(accessKey),
                        Objects.requireNonNull(secretKey)),
                Objects.requireNonNull(baseUrl),
                fallbackUrl,
                hostsKnowEachOther,
                callsPerSecond,
                shadow));
        for (OwnAccount own : accounts) {
            boolean sameHosts = own.baseUrl == null && own.fallbackUrl == null;
            all.add(new SellerAccountSettings(
                    Objects.requireNonNull(own.name),
                    new SellerAccountSettings.Keys(
                            Objects.requireNonNull(own.sellerKey),
                            own.oldSellerKey,
                            Objects.requireNonNull(own.accessKey),
                            Objects.requireNonNull(own.secretKey)),
                    own.baseUrl == null ? Objects.requireNonNull(baseUrl) : own.baseUrl,
                    sameHosts ? fallbackUrl : own.fallbackUrl,
                    own.hostsKnowEachOther || (sameHosts && hostsKnowEachOther),
                    own.callsPerSecond == null ? callsPerSecond : own.callsPerSecond,
                    own.shadow));
        }
        return all;
    }

    /**
     * Requires of the pool of connections that pushing for each account leaves some for the others, and for callbacks.
     *
     * @throws IllegalArgumentException with a sentence for a person, if it does not
     */
    void requireConnections(int inPool) {
        int least = CONNECTIONS + CONNECTIONS_OF_ACCOUNT * (1 + accounts.size());
        if (inPool < least) {
            throw new IllegalArgumentException("spring.datasource.hikari.maximum-pool-size is " + inPool
                    + " and must be " + least + " or more: " + CONNECTIONS + ", and " + CONNECTIONS_OF_ACCOUNT
                    + " for each seller account, so that no lease lapses while others use the database");
        }
    }

    PushSettings push() {
        return push(sellerAccounts().getFirst());
    }

    PushSettings push(SellerAccountSettings of) {
        return new PushSettings(
                new PushSettings.Lease(
                        of.name(),
                        owner == null ? UUID.randomUUID().toString() : owner,
                        lease,
                        connectTimeout.multipliedBy(usageFallbackUrl(of) == null ? 1 : 2)),
                new PushSettings.Calls(maxRecords, callsInFlight, workers, lateEvery),
                new PushSettings.BackOff(firstBackOff, longestBackOff),
                IDLE_POLL,
                stalledAfter,
                new RateLimitSettings(
                        of.callsPerSecond(),
                        SLOWEST_CALLS_PER_SECOND,
                        raiseEvery,
                        window,
                        probeEvery,
                        firstPause,
                        longestPause,
                        answerTimeout.plus(connectTimeout.multipliedBy(2)).plus(ONE_CALL_MORE)));
    }

    /** Where usage records go when the first host is down. */
    @Nullable URI usageFallbackUrl(SellerAccountSettings of) {
        return of.hostsKnowEachOther() ? of.fallbackUrl() : null;
    }

    /** Without the keys. */
    @Override
    public String toString() {
        return "PusherSettings[" + baseUrl + ", " + account + ", " + callsPerSecond + " calls/s]";
    }

    private static void present(String name, @Nullable String value, String what) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("set hourledger.pusher." + name + ": " + what);
        }
    }

    private static void address(String name, @Nullable URI value) {
        if (value == null
                || value.getHost() == null
                || !("http".equals(value.getScheme()) || "https".equals(value.getScheme()))) {
            throw wrong(name, String.valueOf(value), "an address such as https://mkt.myhuaweicloud.com");
        }
    }

    private static void rate(String name, double callsPerSecond) {
        if (!(callsPerSecond >= SLOWEST_CALLS_PER_SECOND && callsPerSecond <= 1000)) {
            throw wrong(name, callsPerSecond, "from 0.1 to 1000; the marketplace publishes no limit, 5 is careful");
        }
    }

    private static void within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw wrong(name, value, "from " + least + " to " + most);
        }
    }

    private static IllegalArgumentException wrong(String name, Object value, String must) {
        return new IllegalArgumentException("hourledger.pusher." + name + " is " + value + "; it must be " + must);
    }
}
