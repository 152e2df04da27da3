package io.hourledger.pusher;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.pusher.callback.HeldInstances;
import io.hourledger.pusher.push.HeldRecords;
import io.hourledger.pusher.push.PushLoop;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What a person may ask and do here, with the operator's token. */
@RestController
@RequestMapping("/operator/pusher")
final class OperatorEndpoint {

    private static final int MOST = 1000;

    private final PushLoop loop;
    private final HeldRecords held;
    private final HeldInstances heldInstances;
    private final byte[] expected;

    OperatorEndpoint(PushLoop loop, HeldRecords held, HeldInstances heldInstances, HouseSettings settings) {
        this.loop = loop;
        this.held = held;
        this.heldInstances = heldInstances;
        this.expected = ("Bearer " + settings.token()).getBytes(UTF_8);
    }

    @GetMapping
    PushLoop.Status status(@RequestHeader(name = "Authorization", required = false) @Nullable String token) {
        operatorOnly(token);
        return loop.status();
    }

    /** Records that were refused or whose outcome nobody knows, oldest first. */
    @GetMapping("/held-records")
    List<HeldRecords.HeldRecord> held(
            @RequestHeader(name = "Authorization", required = false) @Nullable String token,
            @RequestParam(defaultValue = "100") int limit) {
        operatorOnly(token);
        return held.oldest(Math.max(1, Math.min(MOST, limit)));
    }

    /** Instances that were ordered and are not open yet, and why, oldest first. */
    @GetMapping("/held-instances")
    List<HeldInstances.HeldInstance> heldInstances(
            @RequestHeader(name = "Authorization", required = false) @Nullable String token,
            @RequestParam(defaultValue = "100") int limit) {
        operatorOnly(token);
        return heldInstances.oldest(Math.max(1, Math.min(MOST, limit)));
    }

    /** The key or our rights were mended: ask the marketplace at once instead of at the next probe. */
    @PostMapping("/ask-now")
    ResponseEntity<Void> askNow(@RequestHeader(name = "Authorization", required = false) @Nullable String token) {
        operatorOnly(token);
        loop.askNow();
        return ResponseEntity.noContent().build();
    }

    private void operatorOnly(@Nullable String token) {
        if (token == null || !MessageDigest.isEqual(expected, token.getBytes(UTF_8))) {
            throw new NotTheOperatorException();
        }
    }

    @ExceptionHandler(NotTheOperatorException.class)
    ResponseEntity<ProblemDetail> notTheOperator() {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(
                HttpStatus.UNAUTHORIZED, "send Authorization: Bearer <hourledger.operator-token>");
        problem.setType(java.net.URI.create("urn:hourledger:problem:operator-token-required"));
        problem.setProperty("code", "operator-token-required");
        return ResponseEntity.status(HttpStatus.UNAUTHORIZED)
                .header("WWW-Authenticate", "Bearer")
                .body(problem);
    }

    private static final class NotTheOperatorException extends RuntimeException {
        NotTheOperatorException() {
            super("no operator token", null, false, false);
        }
    }
}
