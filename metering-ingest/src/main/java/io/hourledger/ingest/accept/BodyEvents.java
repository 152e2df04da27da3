package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.Admission.Room;
import io.hourledger.ingest.accept.Admission.Ticket;
import io.hourledger.ingest.accept.ContentCoding.NotExpanded;
import io.hourledger.ingest.accept.Slices.NotABatch;
import io.hourledger.ingest.accept.Slices.Slice;
import io.hourledger.ingest.accept.Slices.TooMany;
import io.hourledger.ingest.accept.UsageEventsServlet.Sent;
import io.hourledger.service.RequestBodies;
import io.hourledger.service.RequestBodies.Reason;
import java.io.IOException;
import java.util.List;
import org.springframework.http.HttpStatus;

/** Finds the events in a body that is here. */
record BodyEvents(Refusals refusals, int most) {

    /** What Tomcat reads with the headers. */
    private static final int MOST_BYTES_HERE = 8 * 1024;

    private static final byte[] NOTHING = {};

    /**
     * The bytes of a single plain event that came with its headers. Nothing in a thread of the platform, since only a virtual one may wait for
     * the log.
     *
     * @throws RefusedRequest if the client is gone
     */
    byte[] bytesThatAreHere(Sent sent, int mostBytes) {
        boolean plain = sent.form().single() && sent.coding() == ContentCoding.IDENTITY;
        try {
            return plain && Thread.currentThread().isVirtual()
                    ? RequestBodies.bytesThatAreHere(sent.request(), MOST_BYTES_HERE)
                    : NOTHING;
        } catch (IOException gone) {
            throw refusals.of(Reason.BROKEN_OFF, Room.TAKEN, mostBytes);
        }
    }

    /**
     * The body without its compression.
     *
     * @param mostBytes of it
     * @throws RefusedRequest if it is too large, not what it is said to be, or there is no room for it
     */
    byte[] expanded(ContentCoding coding, byte[] body, int mostBytes, Ticket ticket) {
        try {
            return coding.expand(body, mostBytes, ticket::grow);
        } catch (NotExpanded notExpanded) {
            throw switch (notExpanded.reason()) {
                case TOO_LARGE -> refusals.tooLarge(mostBytes);
                case NO_ROOM -> refusals.noRoom(ticket.last());
                case BROKEN ->
                    new RefusedRequest(
                            HttpStatus.BAD_REQUEST,
                            Codes.BODY_BROKEN,
                            "the body is not what its Content-Encoding says");
            };
        }
    }

    /**
     * Where each event stands.
     *
     * @throws RefusedRequest if there are too many, or it is no list
     */
    List<Slice> cut(RequestForm form, byte[] body) {
        try {
            return switch (form) {
                case ONE, BINARY -> List.of(new Slice(0, body.length, 0));
                case BATCH -> Slices.ofArray(body, most);
                case LINES -> Slices.ofLines(body, most);
            };
        } catch (TooMany tooMany) {
            throw refusals.tooMany();
        } catch (NotABatch notABatch) {
            throw new RefusedRequest(HttpStatus.BAD_REQUEST, Codes.NOT_A_BATCH, notABatch.detail());
        }
    }
}
