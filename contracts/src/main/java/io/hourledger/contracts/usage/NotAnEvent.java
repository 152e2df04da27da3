package io.hourledger.contracts.usage;

import io.hourledger.contracts.usage.ReadUsage.Code;

/** Ends a reading; never leaves the reader, so it needs no stack trace. */
final class NotAnEvent extends Exception {
    private static final long serialVersionUID = 1L;

    final Code code;
    final String field;
    final String detail;

    NotAnEvent(Code code, String field, String detail) {
        super(detail, null, false, false);
        this.code = code;
        this.field = field;
        this.detail = detail;
    }

    static NotAnEvent notJson(String detail) {
        return new NotAnEvent(Code.NOT_JSON, "", detail);
    }
}
