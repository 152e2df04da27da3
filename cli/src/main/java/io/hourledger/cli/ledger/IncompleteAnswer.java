package io.hourledger.cli.ledger;

import io.hourledger.ledger.statement.IncompleteInstances;
import io.hourledger.standalone.ExitCode;
import java.io.PrintWriter;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The instances of an answer whose figures lack events.
 *
 * @param sentences for a person, by instance
 */
record IncompleteAnswer(SortedMap<String, String> sentences) {

    /** An answer that lacks nothing. */
    static final IncompleteAnswer NONE = new IncompleteAnswer(new TreeMap<>());

    /** Of a scope; a part that is null does not limit it. To be read in the transaction of the answer. */
    static IncompleteAnswer of(LedgerDatabase.Open ledger, @Nullable String instance, @Nullable String buyer) {
        return new IncompleteAnswer(new IncompleteInstances(ledger.dataSource()).of(instance, buyer));
    }

    boolean any() {
        return !sentences.isEmpty();
    }

    boolean has(String instance) {
        return sentences.containsKey(instance);
    }

    /** What a check says of them cannot be relied on. */
    void notChecked(Findings findings, String check) {
        sentences.forEach((instance, sentence) -> findings.notChecked(check, "instance " + instance, sentence));
    }

    /** Says of each what it lacks. */
    void tell(PrintWriter err) {
        sentences.values().forEach(sentence -> err.println("metering: " + sentence));
        err.flush();
    }

    /** What an answer that is right otherwise exits with. */
    int exitCode(int otherwise) {
        return otherwise == ExitCode.OK && any() ? ExitCode.NOT_ALL : otherwise;
    }
}
