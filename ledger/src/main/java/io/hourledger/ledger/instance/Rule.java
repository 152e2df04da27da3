package io.hourledger.ledger.instance;

import io.hourledger.ledger.instance.Decision.Refused;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * One thing an instance does not let happen.
 *
 * @param name stable, for programs
 * @param detail a sentence for a person
 * @param broken whether a command breaks it
 */
record Rule<C>(String name, String detail, BiPredicate<InstanceState, C> broken) {

    /** The refusal of the first rule that a command breaks. */
    static <C> Optional<Refused> firstBroken(List<Rule<C>> rules, InstanceState state, C command) {
        return rules.stream()
                .filter(rule -> rule.broken.test(state, command))
                .findFirst()
                .map(rule -> new Refused(rule.name, rule.detail));
    }
}
