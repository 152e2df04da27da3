package io.hourledger.benchmarks.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.hourledger.benchmarks.load.EventsInMemory.Event;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Whole HTTP requests, as they go over the wire, made before anything is measured. */
final class PreparedRequests {

    private final List<ByteBuffer> requests;
    private final int eventsOfOne;

    private PreparedRequests(List<ByteBuffer> requests, int eventsOfOne) {
        this.requests = requests;
        this.eventsOfOne = eventsOfOne;
    }

    /** One event a request. */
    static PreparedRequests singles(List<Event> events, String key) {
        return new PreparedRequests(
                events.stream()
                        .map(event -> request("application/cloudevents+json", key, event.json()))
                        .toList(),
                1);
    }

    /** Arrays of so many events. */
    static PreparedRequests batches(List<Event> events, int size, String key) {
        List<ByteBuffer> batches = new ArrayList<>();
        for (int from = 0; from + size <= events.size(); from += size) {
            batches.add(request("application/cloudevents-batch+json", key, array(events.subList(from, from + size))));
        }
        return new PreparedRequests(List.copyOf(batches), size);
    }

    int eventsOfOne() {
        return eventsOfOne;
    }

    /** The request of that number, to be written once; after the last comes the first. */
    ByteBuffer request(long number) {
        return requests.get((int) (number % requests.size())).duplicate();
    }

    private static byte[] array(List<Event> events) {
        int length = events.stream().mapToInt(event -> event.json().length + 1).sum() + 1;
        ByteBuffer array = ByteBuffer.allocate(length);
        char before = '[';
        for (Event event : events) {
            array.put((byte) before).put(event.json());
            before = ',';
        }
        return array.put((byte) ']').array();
    }

    private static ByteBuffer request(String contentType, String key, byte[] body) {
        byte[] head = ("POST /v1/usage-events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " + key
                        + "\r\nContent-Type: " + contentType + "\r\nPrefer: return=minimal\r\nContent-Length: "
                        + body.length + "\r\n\r\n")
                .getBytes(US_ASCII);
        return ByteBuffer.allocateDirect(head.length + body.length)
                .put(head)
                .put(body)
                .flip();
    }
}
