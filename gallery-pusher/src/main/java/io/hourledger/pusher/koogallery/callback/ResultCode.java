package io.hourledger.pusher.koogallery.callback;

/** What a call can be answered (koogallery.md, section 4.3). */
enum ResultCode {
    SUCCESS("000000", "success."),
    NOT_AUTHENTICATED("000001", "authentication failed"),
    INVALID_PARAMETERS("000002", "invalid request parameters"),
    NO_SUCH_INSTANCE("000003", "the instance does not exist"),
    IN_PROGRESS("000004", "in progress"),
    INTERNAL_ERROR("000005", "internal error");

    private final String code;
    private final String message;

    ResultCode(String code, String message) {
        this.code = code;
        this.message = message;
    }

    /** The code of an answer that was stored. */
    static ResultCode ofStored(String code) {
        for (ResultCode result : values()) {
            if (result.code.equals(code)) {
                return result;
            }
        }
        throw new IllegalArgumentException("no result code: " + code);
    }

    /** Whether a later call may not be answered otherwise. */
    boolean isFinal() {
        return this != IN_PROGRESS && this != INTERNAL_ERROR;
    }

    String code() {
        return code;
    }

    String message() {
        return message;
    }
}
