package io.hourledger.simulator.usage;

/** Record-level codes (koogallery.md, section 1.5); those that the simulator gives. */
enum RecordAnswerCode {
    INSTANCE_DOES_NOT_EXIST("001"),
    TIME_FORMAT_WRONG("002"),
    USAGE_AMOUNT_WRONG("003"),
    ID_MISSING("004"),
    ID_DUPLICATED("005"),
    RECORD_TIME_EXPIRED("007"),
    NOT_THIS_SELLERS_INSTANCE("009"),
    RECORD_DUPLICATED("010"),
    TIME_RANGE_INVALID("011"),
    NOT_PAY_PER_USE("012"),
    RESOURCE_STATE_ABNORMAL("013");

    private final String number;

    RecordAnswerCode(String number) {
        this.number = number;
    }

    String number() {
        return number;
    }
}
