package io.hourledger.simulator.callback;

import tools.jackson.databind.JsonNode;

/** What the seller said. */
sealed interface SellerAnswer {

    /** An answer in time, with HTTP 200, a good {@code Body-Sign} and a result code. */
    record Signed(String resultCode, JsonNode body) implements SellerAnswer {

        boolean isSuccess() {
            return resultCode.equals("000000");
        }

        boolean isInProgress() {
            return resultCode.equals("000004");
        }

        /** Whether it is an answer to queryInstance that has this instance in it. */
        boolean shows(String instanceId) {
            for (JsonNode info : body.path("info")) {
                if (info.path("instanceId").asString("").equals(instanceId)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Anything else. */
    record Unusable(String why) implements SellerAnswer {}
}
