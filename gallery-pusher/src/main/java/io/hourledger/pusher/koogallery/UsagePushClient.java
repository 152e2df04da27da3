package io.hourledger.pusher.koogallery;

import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.UsagePushPort;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Clock;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Usage Push (New), koogallery.md section 1: signs the body's bytes and sends exactly those. While the account has two keys and one is refused,
 * the next call is signed with the other. Each call is one call of the limiter: the records of a refused one go again in a call that has a
 * permit of its own. Only when both are refused, with no call accepted between, the marketplace's refusal is handed on.
 */
public final class UsagePushClient implements UsagePushPort {

    static final String PATH = "/api/mkp-openapi-public/global/v1/isv/usage-data";

    private static final Logger LOG = LoggerFactory.getLogger(UsagePushClient.class);

    private final MarketplaceHosts hosts;
    private final SellerKeys keys;
    private final Clock machineTime;
    /** Refused since a call was last taken; guarded by this, as the key in use. */
    private final Set<SellerKey> refused = new HashSet<>();

    private SellerKey inUse;

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
        SellerKey key = keyInUse();
        HttpResult result = hosts.send(base -> request(base, body, key), latestSendNanos);
        return learn(key, result);
    }

    private synchronized SellerKey keyInUse() {
        return inUse;
    }

    private synchronized HttpResult learn(SellerKey key, HttpResult result) {
        if (KooGalleryAnswerReader.hasTakenSignature(result)) {
            taken(key);
            return result;
        }
        Optional<SellerKey> other = keys.besides(key);
        if (!(result instanceof HttpResult.Answer answer)
                || !KooGalleryAnswerReader.isWrongSignature(result)
                || other.isEmpty()) {
            return result;
        }
        refused.add(key);
        inUse = other.get();
        return refused.contains(other.get()) ? result : new HttpResult.KeyRefused(answer);
    }

    private void taken(SellerKey key) {
        if (!refused.isEmpty()) {
            LOG.atInfo()
                    .addKeyValue("key", key == keys.newest() ? "newest" : "before")
                    .log("the marketplace refused one key of the account and takes the other");
        }
        refused.clear();
        inUse = key;
    }

    private HttpRequest request(URI base, byte[] body, SellerKey key) {
        String ts = Long.toString(machineTime.millis());
        String nonce = UUID.randomUUID().toString();
        return HttpRequest.newBuilder(base.resolve(PATH))
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .header("ts", ts)
                .header("nonce", nonce)
                .header("signature", key.pushSignature(ts, nonce, body))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }
}
