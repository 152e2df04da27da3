package io.hourledger.ledger.seal;

/** Keeps seals where whoever can write to the ledger's database cannot: a Kafka topic, a file on another machine. */
public interface SealSink {

    /** Returns when the seal is durable; throws if it is not, and the next seal says all that this one said. */
    void keep(Seal seal);
}
