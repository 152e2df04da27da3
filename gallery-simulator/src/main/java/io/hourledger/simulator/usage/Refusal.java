package io.hourledger.simulator.usage;

/**
 * Why a whole push call is refused: the HTTP status and code of koogallery.md, section 1.4.
 *
 * @param code as printed there, such as {@code MKT.0101}
 */
record Refusal(int httpStatus, String code, String message) {

    static Refusal parameterUnknownExtraOrMissing(String what) {
        return new Refusal(400, "MKT.0101", "The parameter is unknown, extra or missing: " + what);
    }

    static Refusal parameterWrong(String what) {
        return new Refusal(400, "MKT.0199", "Parameter error: " + what);
    }

    static Refusal inputCheckFailed(String what) {
        return new Refusal(500, "MKT.0100", "Input check failed: " + what);
    }

    static Refusal signatureWrong(String what) {
        return new Refusal(400, "MKT.0102", "Body signature check failed: " + what);
    }

    static Refusal instanceNotFound(String instanceId) {
        return new Refusal(500, "MKT.9001", "Instance ID not found: " + instanceId);
    }

    static Refusal meteringEntityInvalid(String what) {
        return new Refusal(500, "MKT.9002", "Metering entity invalid: " + what);
    }

    static Refusal tooManyRecords(int records) {
        return new Refusal(500, "MKT.9003", "Too many records: " + records + ", at most 1000");
    }

    static Refusal beginTooOld(String beginTime) {
        return new Refusal(500, "MKT.9004", "begin_time must lie within 21 days of now: " + beginTime);
    }
}
