package io.hourledger.console.layout;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/** Leads from the bare address to the page that most want in the morning. */
@Controller
final class FirstPage {

    @GetMapping("/")
    ResponseEntity<Void> first() {
        return ResponseEntity.status(HttpStatus.SEE_OTHER)
                .header("Location", "/finance")
                .build();
    }
}
