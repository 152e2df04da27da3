package io.hourledger.aggregator.consumer;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Says where a partition's log begins and ends. */
interface LogOffsets {

    /**
     * Whether the topic is still the one that this process has begun with, and was not deleted and made again.
     *
     * @throws KafkaException if the broker gives no answer in time
     */
    boolean isSameTopic(TopicPartition partition);

    /**
     * @throws KafkaException if the broker gives no answer in time
     */
    long begin(TopicPartition partition);

    /**
     * @throws KafkaException if the broker gives no answer in time
     */
    long end(TopicPartition partition);
}
