package io.hourledger.aggregator.lag;

/** Says who reads a partition, as the consumer group tells. */
public sealed interface PartitionOwner {

    /** A member of the group has it. */
    record Member(String clientId, String host) implements PartitionOwner {

        @Override
        public String words() {
            return clientId + " at " + host;
        }
    }

    /** No member has it. */
    record Nobody() implements PartitionOwner {

        @Override
        public String words() {
            return "no process";
        }
    }

    /** The group did not tell. */
    record NotTold() implements PartitionOwner {

        @Override
        public String words() {
            return "not known";
        }
    }

    String words();
}
