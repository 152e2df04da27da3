package io.hourledger.simulator.settings;

import com.fasterxml.jackson.annotation.JsonFormat;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** What can be changed at run time. */
@RestController
final class SettingsControl {

    private final RunTimeSettings runTime;

    SettingsControl(RunTimeSettings runTime) {
        this.runTime = runTime;
    }

    /** What is left out stays as it is. */
    record Settings(
            @Nullable URI callbackUrl,
            @Nullable @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_VALUES) AnswerModel answerModel,
            @Nullable @Min(1) @Max(100_000) Integer callsPerSecond) {}

    @GetMapping("/sim/settings")
    Settings settings() {
        RunTimeSettings.Values now = runTime.now();
        return new Settings(now.callbackUrl().orElse(null), now.answerModel(), now.callsPerSecond());
    }

    @PutMapping("/sim/settings")
    Settings change(@Valid @RequestBody Settings settings) {
        if (settings.callbackUrl != null) {
            runTime.callbackUrl(settings.callbackUrl);
        }
        if (settings.answerModel != null) {
            runTime.answerModel(settings.answerModel);
        }
        if (settings.callsPerSecond != null) {
            runTime.callsPerSecond(settings.callsPerSecond);
        }
        return settings();
    }
}
