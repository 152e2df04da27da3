package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceEvent;
import java.util.List;

/** What an instance answered to a command. */
public sealed interface Decision {

    /** What was added by it: nothing, unless it happened now. */
    default List<InstanceEvent> events() {
        return List.of();
    }

    /** It happened now. */
    record Done(List<InstanceEvent> events) implements Decision {}

    /** It had happened before, in just this way; nothing was added. */
    record AlreadyDone() implements Decision {}

    /** There is no such instance (yet). */
    record UnknownInstance() implements Decision {}

    /**
     * A rule of the instance forbids it; nothing was added.
     *
     * @param rule the rule's stable name
     * @param detail a sentence for a person
     */
    record Refused(String rule, String detail) implements Decision {}
}
