package io.hourledger.pusher.instances;

import io.hourledger.ledger.api.InstanceView;
import io.hourledger.pusher.appinfo.AppInfo;
import io.hourledger.pusher.appinfo.AppInfos;
import io.hourledger.pusher.instances.Callers.Caller;
import io.hourledger.pusher.instances.InstancePages.Filter;
import io.hourledger.pusher.instances.InstancesSettings.AppKeySettings;
import io.hourledger.service.RequestBodies;
import io.hourledger.service.RequestBodies.GivenUp;
import io.hourledger.service.RequestBodies.Limits;
import io.hourledger.service.RequestBodies.Reason;
import io.hourledger.service.RequestBodies.Whole;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** What an app asks of its instances and says of them, and what a buyer's page asks of one. docs/instances.md has each request and answer. */
@RestController
@RequestMapping("/v1/instances")
final class InstancesEndpoint {

    private static final int MOST_INSTANCES = 200;
    private static final int MOST_HOURS = 200;
    private static final long LONGEST_TOKEN = UsageTokens.LONGEST.toSeconds();
    private static final int BODY_BYTES = 16 * 1024;
    private static final Duration BODY_WITHIN = Duration.ofSeconds(5);
    private static final long NO_TIMEOUT_OF_THE_SERVER = 0L;

    private final Callers callers;
    private final VisibleInstances visible;
    private final InstancePages pages;
    private final InstanceAnswer answers;
    private final InstanceUsage usage;
    private final UsageTokens tokens;
    private final Writing writing;
    private final RequestRoom room;

    InstancesEndpoint(Callers callers, Reading reading, UsageTokens tokens, Writing writing, RequestRoom room) {
        this.callers = callers;
        this.visible = reading.visible();
        this.pages = reading.pages();
        this.answers = reading.answers();
        this.usage = reading.usage();
        this.tokens = tokens;
        this.writing = writing;
        this.room = room;
    }

    /** What the answers are read from. */
    record Reading(VisibleInstances visible, InstancePages pages, InstanceAnswer answers, InstanceUsage usage) {}

    /** What an app's word goes to. */
    record Writing(AppInfos appInfos, RequestBodies bodies) {}

    @GetMapping
    ResponseEntity<Object> list(
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization,
            @RequestParam(required = false) @Nullable String product,
            @RequestParam(required = false) @Nullable String buyer,
            @RequestParam(required = false) @Nullable String state,
            @RequestParam(required = false) @Nullable String account,
            @RequestParam(required = false) @Nullable String after,
            @RequestParam(defaultValue = "100") int limit) {
        return byApp(authorization, key -> {
            Optional<LifeState> ofState = Optional.ofNullable(state).flatMap(LifeState::labelled);
            if (state != null && ofState.isEmpty()) {
                return ApiRefusal.invalid("invalid_state", "state is one of active, frozen, expired, released")
                        .answer();
            }
            Optional<InstancePages.Cursor> cursor = Optional.ofNullable(after).flatMap(InstancePages.Cursor::read);
            if (after != null && cursor.isEmpty()) {
                return ApiRefusal.invalid("invalid_cursor", "after is not what an answer gave as next")
                        .answer();
            }
            if (hasControls(product) || hasControls(buyer)) {
                return ApiRefusal.invalid("invalid_filter", "a filter has control characters")
                        .answer();
            }
            if (limit < 1 || limit > MOST_INSTANCES) {
                return ApiRefusal.invalid("invalid_limit", "limit is from 1 to " + MOST_INSTANCES)
                        .answer();
            }
            InstancePages.Page page = pages.page(
                    key, new Filter(product, buyer, ofState.orElse(null), account), cursor.orElse(null), limit);
            return page(page.instances(), page.next());
        });
    }

    @GetMapping("/{instanceId}")
    ResponseEntity<Object> instance(
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization,
            @PathVariable String instanceId) {
        return byApp(authorization, key -> visible.find(instanceId, key)
                .map(instance -> found(answers.of(List.of(instance)).get(0)))
                .orElseGet(() -> ApiRefusal.notFound().answer()));
    }

    @GetMapping("/{instanceId}/usage")
    ResponseEntity<Object> usage(
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization,
            @PathVariable String instanceId,
            @RequestParam(required = false) @Nullable String before,
            @RequestParam(defaultValue = "24") int limit) {
        Caller caller = callers.caller(authorization);
        if (caller instanceof Caller.Nobody) {
            return ApiRefusal.unauthorized().answer();
        }
        Optional<InstanceUsage.Cursor> cursor = Optional.ofNullable(before).flatMap(InstanceUsage.Cursor::read);
        if (before != null && cursor.isEmpty()) {
            return ApiRefusal.invalid("invalid_cursor", "before is not what an answer gave as next")
                    .answer();
        }
        if (limit < 1 || limit > MOST_HOURS) {
            return ApiRefusal.invalid("invalid_limit", "limit is from 1 to " + MOST_HOURS)
                    .answer();
        }
        return room.in(() -> seenBy(caller, instanceId)
                .map(instance -> found(usage.of(instance, cursor.orElse(null), limit)))
                .orElseGet(() -> ApiRefusal.notFound().answer()));
    }

    private Optional<InstanceView> seenBy(Caller caller, String instanceId) {
        return switch (caller) {
            case Caller.App(AppKeySettings key) -> visible.find(instanceId, key);
            case Caller.Page(String allowed) ->
                allowed.equals(instanceId) ? visible.find(instanceId) : Optional.empty();
            case Caller.Nobody _ -> Optional.empty();
        };
    }

    @PostMapping("/{instanceId}/usage-token")
    ResponseEntity<Object> issueToken(
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization,
            @PathVariable String instanceId,
            @RequestParam(name = "expires-in", defaultValue = "900") long expiresIn) {
        return byApp(authorization, key -> {
            if (expiresIn < 1 || expiresIn > LONGEST_TOKEN) {
                return ApiRefusal.invalid("invalid_expiry", "expires-in is from 1 to " + LONGEST_TOKEN + " seconds")
                        .answer();
            }
            if (!tokens.areIssued()) {
                return new ApiRefusal(
                                HttpStatus.NOT_IMPLEMENTED,
                                "usage_tokens_off",
                                "no hourledger.instances.token-secret is set, so there are no usage tokens")
                        .answer();
            }
            if (visible.find(instanceId, key).isEmpty()) {
                return ApiRefusal.notFound().answer();
            }
            UsageTokens.Issued issued = tokens.issue(instanceId, Duration.ofSeconds(expiresIn));
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("instanceId", instanceId);
            answer.put("token", issued.token());
            answer.put("expiresAt", issued.expiresAt().toString());
            return found(answer);
        });
    }

    /** Its whole body is read only for an app that may describe the instance, and no thread waits for it. */
    @PutMapping("/{instanceId}/app-info")
    DeferredResult<ResponseEntity<Object>> describe(
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization,
            @PathVariable String instanceId,
            HttpServletRequest request)
            throws IOException {
        DeferredResult<ResponseEntity<Object>> result = new DeferredResult<>(NO_TIMEOUT_OF_THE_SERVER);
        ResponseEntity<Object> refusal = byApp(
                authorization,
                key -> visible.mayDescribe(instanceId, key)
                        ? ResponseEntity.noContent().build()
                        : ApiRefusal.notFound().answer());
        if (!(refusal.getStatusCode().is2xxSuccessful()
                && callers.caller(authorization) instanceof Caller.App(AppKeySettings key))) {
            result.setResult(refusal);
            return result;
        }
        writing.bodies().read(request, new Limits(BODY_BYTES, BODY_WITHIN), any -> true, outcome -> {
            try {
                result.setResult(
                        switch (outcome) {
                            case Whole whole -> room.in(() -> stored(instanceId, whole.bytes(), key.name()));
                            case GivenUp(Reason reason) -> givenUp(reason);
                        });
            } catch (RuntimeException broken) {
                result.setErrorResult(broken);
            }
        });
        return result;
    }

    private ResponseEntity<Object> stored(String instanceId, byte[] body, String app) {
        AppInfo info;
        try {
            info = AppInfoBody.read(body);
        } catch (IllegalArgumentException wrong) {
            return ApiRefusal.invalid("invalid_app_info", String.valueOf(wrong.getMessage()))
                    .answer();
        }
        writing.appInfos().put(instanceId, info, app);
        return ResponseEntity.noContent().build();
    }

    private static ResponseEntity<Object> givenUp(Reason reason) {
        return switch (reason) {
            case TOO_LARGE ->
                new ApiRefusal(
                                HttpStatus.CONTENT_TOO_LARGE,
                                "body_too_large",
                                "the body has more than " + BODY_BYTES + " bytes")
                        .answer();
            case TOO_SLOW ->
                new ApiRefusal(HttpStatus.REQUEST_TIMEOUT, "body_too_slow", "the body did not come in time").answer();
            case NO_ROOM -> ApiRefusal.busy().answer();
            case BROKEN_OFF ->
                ApiRefusal.invalid("body_broken", "the body broke off").answer();
        };
    }

    /** Only an app gets further; a token is for one instance's usage. */
    private ResponseEntity<Object> byApp(
            @Nullable String authorization, Function<AppKeySettings, ResponseEntity<Object>> answer) {
        return callers.caller(authorization) instanceof Caller.App(AppKeySettings key)
                ? room.in(() -> answer.apply(key))
                : ApiRefusal.unauthorized().answer();
    }

    private ResponseEntity<Object> page(List<InstanceView> instances, InstancePages.@Nullable Cursor next) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("instances", answers.of(instances));
        answer.put("next", next == null ? null : next.text());
        return found(answer);
    }

    private static ResponseEntity<Object> found(Object body) {
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(body);
    }

    private static boolean hasControls(@Nullable String text) {
        return text != null && text.codePoints().anyMatch(Character::isISOControl);
    }
}
