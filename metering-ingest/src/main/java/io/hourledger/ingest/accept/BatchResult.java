package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.ItemAnswer.Status;
import java.util.List;
import org.springframework.http.HttpStatus;

/**
 * Counts what became of the events of a batch, and says the status of the whole.
 *
 * @param answers one for each event, in order
 * @param accepted how many the log has
 * @param rejected how many a repeat would not help
 * @param unavailable how many are not confirmed, for a reason of ours
 * @param unconfirmed how many of those may be in the log all the same
 */
record BatchResult(List<ItemAnswer> answers, int accepted, int rejected, int unavailable, int unconfirmed) {

    static BatchResult of(List<ItemAnswer> answers) {
        int rejected = 0;
        int unavailable = 0;
        int unconfirmed = 0;
        for (ItemAnswer answer : answers) {
            rejected += answer.status() == Status.REJECTED ? 1 : 0;
            unavailable += answer.status() == Status.UNAVAILABLE ? 1 : 0;
            unconfirmed += answer.code().equals(Codes.UNCONFIRMED) ? 1 : 0;
        }
        int accepted = answers.size() - rejected - unavailable;
        return new BatchResult(answers, accepted, rejected, unavailable, unconfirmed);
    }

    /** Success only if every event is kept; a repeat of all is asked for before a rejection is told. */
    HttpStatus status() {
        if (unavailable > 0) {
            return HttpStatus.SERVICE_UNAVAILABLE;
        }
        return rejected > 0 ? HttpStatus.BAD_REQUEST : HttpStatus.ACCEPTED;
    }

    /** The first that is not kept; only if there is one. */
    ItemAnswer firstNotAccepted() {
        return answers.stream()
                .filter(answer -> answer.status() != Status.ACCEPTED)
                .findFirst()
                .orElseThrow();
    }

    /** Whether all was judged, and some of it kept and some not. */
    boolean partlyRejected() {
        return unavailable == 0 && rejected > 0 && accepted > 0;
    }

    /** The stable name of what kept the whole from being accepted. */
    String code() {
        if (unavailable > 0) {
            return unconfirmed > 0 ? Codes.UNCONFIRMED : Codes.BUSY;
        }
        return accepted > 0 ? Codes.PARTLY_REJECTED : Codes.NOTHING_ACCEPTED;
    }

    /** A sentence for a person. */
    String detail() {
        if (unavailable > 0) {
            return unavailable + " of " + answers.size() + " events are not confirmed; send all of them again later"
                    + " with the same source and id: each counts once";
        }
        return accepted > 0
                ? rejected + " of " + answers.size() + " events were rejected, the others are kept; the items say why"
                : "none of the events was accepted; the items say why";
    }
}
