package io.hourledger.console.tonight;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What another service said when the page asked it. None of the cases looks like a quiet night but the first. */
sealed interface ServiceAnswer {

    /** It answered. */
    record Told(JsonNode json) implements ServiceAnswer {}

    /** It did not, or with something that is no answer. */
    record Silent(String why) implements ServiceAnswer {}

    /** No setting says where it is. */
    record NotAsked(String setting) implements ServiceAnswer {}

    /** The answer; null if there is none. */
    default @Nullable JsonNode json() {
        return this instanceof Told(JsonNode told) ? told : null;
    }

    /** What a person reads instead of an answer; null if there is one. */
    default @Nullable String problem() {
        return switch (this) {
            case Told _ -> null;
            case Silent(String why) -> why;
            case NotAsked(String setting) -> "Nobody was asked: the setting " + setting + " gives no address.";
        };
    }
}
