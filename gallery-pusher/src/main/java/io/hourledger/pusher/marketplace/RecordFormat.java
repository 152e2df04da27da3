package io.hourledger.pusher.marketplace;

import io.hourledger.contracts.marketplace.UsageRecord;
import java.util.List;

/**
 * The marketplace's spelling of usage records. A record's bytes are made once and kept; a call is put together from kept bytes, so what
 * is signed, sent and sent again is the same.
 */
public interface RecordFormat {

    /** A record's bytes, as they stand in every call that carries it. */
    byte[] bytes(UsageRecord record);

    /** A call's body from the kept bytes of its records, in the order given. */
    byte[] body(List<byte[]> records);

    /** The records of a call that {@link #body} has put together. */
    List<SentRecord> read(byte[] body);

    /** The inverse of {@link #bytes}. */
    SentRecord readOne(byte[] bytes);
}
