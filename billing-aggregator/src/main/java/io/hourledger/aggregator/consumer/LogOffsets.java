package io.hourledger.aggregator.consumer;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Says where a partition's log begins and ends. */
interface LogOffsets {

    /**
     * @throws KafkaException if the broker gives no answer in time
     */
    long begin(TopicPartition partition);

    /**
     * @throws KafkaException if the broker gives no answer in time
     */
    long end(TopicPartition partition);
}
