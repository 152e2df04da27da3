package io.hourledger.console.layout;

import java.time.Duration;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Takes the zone in which a browser wants to see times. */
@Controller
final class ZonePages {

    static final String COOKIE = "console_zone";

    private static final Duration REMEMBERED = Duration.ofDays(365);

    /** Remembers the zone in the browser and goes back to where it was chosen. */
    @PostMapping("/zone")
    ResponseEntity<Void> choose(@RequestParam String zone, @RequestParam(defaultValue = "/") String back) {
        ResponseCookie cookie = ResponseCookie.from(COOKIE, PageFormat.in(zone).zoneName())
                .httpOnly(true)
                .sameSite("Strict")
                .path("/")
                .maxAge(REMEMBERED)
                .build();
        return ResponseEntity.status(HttpStatus.SEE_OTHER)
                .header("Location", isOurs(back) ? back : "/")
                .header("Set-Cookie", cookie.toString())
                .build();
    }

    /** A path of this server, and nothing that a browser takes for another one. */
    private static boolean isOurs(String back) {
        return back.startsWith("/")
                && !back.startsWith("//")
                && back.chars().allMatch(sign -> sign > ' ' && sign != '\\' && sign < 0x7f);
    }
}
