package io.hourledger.console.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The form that takes a token and gives a session for it. The token is in no cookie, no address and no log. */
@Controller
final class SignInPages {

    private static final Logger log = LoggerFactory.getLogger(SignInPages.class);

    private final Sessions sessions;

    SignInPages(Sessions sessions) {
        this.sessions = sessions;
    }

    @GetMapping("/sign-in")
    String form(@RequestParam(defaultValue = "false") boolean refused, Model model) {
        model.addAttribute("refused", refused);
        return "sign-in";
    }

    @PostMapping("/sign-in")
    ResponseEntity<Void> signIn(@RequestParam(defaultValue = "") String token, HttpServletRequest request) {
        Optional<SignedInUser> user = sessions.holderOf(token);
        if (user.isEmpty()) {
            log.atWarn().addKeyValue("from", request.getRemoteAddr()).log("somebody signed in with an unknown token");
            return seeOther("/sign-in?refused=true").build();
        }
        log.atInfo().addKeyValue("who", user.get().name()).log("signed in to the console");
        ResponseCookie cookie = ResponseCookie.from(SignedInOnly.COOKIE, sessions.begin(user.get()))
                .httpOnly(true)
                .sameSite("Strict")
                .secure(request.isSecure())
                .path("/")
                .maxAge(sessions.lasts())
                .build();
        return seeOther("/").header(HttpHeaders.SET_COOKIE, cookie.toString()).build();
    }

    @PostMapping("/sign-out")
    ResponseEntity<Void> signOut(HttpServletRequest request) {
        SignedInOnly.sessionId(request).ifPresent(sessions::end);
        ResponseCookie gone = ResponseCookie.from(SignedInOnly.COOKIE, "")
                .httpOnly(true)
                .sameSite("Strict")
                .path("/")
                .maxAge(0)
                .build();
        return seeOther("/sign-in")
                .header(HttpHeaders.SET_COOKIE, gone.toString())
                .build();
    }

    private static ResponseEntity.BodyBuilder seeOther(String path) {
        return ResponseEntity.status(HttpStatus.SEE_OTHER).header(HttpHeaders.LOCATION, path);
    }
}
