package io.hourledger.pusher.koogallery;

import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.UsagePushPort;
import java.net.URI;
import java.net.http.HttpRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Usage Push (New), koogallery.md section 1: signs the body's bytes and sends exactly those. While the account has two keys and one is refused,
 * the same body is signed with the other next time. Each call is one call of the limiter: the records of a refused one go again in a call that has a
 * permit of its own. The marketplace's refusal is handed on for a body that both keys were refused for, or when no key is taken at all.
 */
public final class UsagePushClient implements UsagePushPort {

    static final String PATH = "/api/mkp-openapi-public/global/v1/isv/usage-data";

    /** Of as many bodies it is remembered which keys were refused for them; what is forgotten costs a call more. */
    private static final int MOST_BODIES = 1000;

    /** The key in use was refused so often with no call taken between: the next body is signed with the other. */
    private static final int BEFORE_THE_OTHER = 2;

    /** Both keys were refused twice with no call taken between, whatever the bodies were. */
    private static final int BEFORE_HANDED_ON = 2 * BEFORE_THE_OTHER;

    private static final Logger LOG = LoggerFactory.getLogger(UsagePushClient.class);

    private final MarketplaceHosts hosts;
    private final SellerKeys keys;
    private final Clock machineTime;
    /** By the digest of a body, the keys that it was refused with since it was last taken; guarded by this, as all below. */
    private final Map<String, Set<SellerKey>> refused = new LinkedHashMap<>();

    /** What is signed with it first: the key that was taken last, or the newest. */
    private SellerKey inUse;

    private int refusedInARow;

    /**
     * @param machineTime the machine's clock, for the header {@code ts}: the marketplace compares it with its own
     */
    public UsagePushClient(MarketplaceHosts hosts, SellerKeys keys, Clock machineTime) {
        this.hosts = hosts;
        this.keys = keys;
        this.inUse = keys.newest();
        this.machineTime = machineTime;
    }

    @Override
    public HttpResult push(byte[] body, long latestSendNanos) {
        String digest = digest(body);
        SellerKey key = keyFor(digest);
        HttpResult result =
                hosts.send(base -> request(base, body, key, machineTime).build(), latestSendNanos);
        return learn(digest, key, result);
    }

    private static String digest(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    private synchronized SellerKey keyFor(String digest) {
        Set<SellerKey> before = refused.getOrDefault(digest, Set.of());
        return before.contains(inUse)
                ? keys.besides(inUse).filter(other -> !before.contains(other)).orElse(inUse)
                : inUse;
    }

    private synchronized HttpResult learn(String digest, SellerKey key, HttpResult result) {
        if (KooGalleryAnswerReader.hasTakenSignature(result)) {
            taken(digest, key);
            return result;
        }
        Optional<SellerKey> other = keys.besides(key);
        if (!(result instanceof HttpResult.Answer answer)
                || !KooGalleryAnswerReader.isWrongSignature(result)
                || other.isEmpty()) {
            return result;
        }
        refusedInARow++;
        if (key == inUse && refusedInARow >= BEFORE_THE_OTHER) {
            inUse = other.get();
        }
        Set<SellerKey> ofThisBody = refused.computeIfAbsent(digest, anyBody -> new HashSet<>());
        ofThisBody.add(key);
        if (refused.size() > MOST_BODIES) {
            refused.remove(refused.keySet().iterator().next());
        }
        return ofThisBody.contains(other.get()) || refusedInARow > BEFORE_HANDED_ON
                ? result
                : new HttpResult.KeyRefused(answer);
    }

    private void taken(String digest, SellerKey key) {
        if (refused.remove(digest) != null || key != inUse) {
            LOG.atInfo()
                    .addKeyValue("key", key == keys.newest() ? "newest" : "before")
                    .log("the marketplace refused one key of the account and takes the other");
        }
        refusedInARow = 0;
        inUse = key;
    }

    /** As pushing makes it, with a time for the answer. */
    static HttpRequest request(URI base, byte[] body, SellerKey key, Clock machineTime, Duration answerTimeout) {
        return request(base, body, key, machineTime).timeout(answerTimeout).build();
    }

    private static HttpRequest.Builder request(URI base, byte[] body, SellerKey key, Clock machineTime) {
        String ts = Long.toString(machineTime.millis());
        String nonce = UUID.randomUUID().toString();
        return HttpRequest.newBuilder(base.resolve(PATH))
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .header("ts", ts)
                .header("nonce", nonce)
                .header("signature", key.pushSignature(ts, nonce, body))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    }
}
