package io.hourledger.pusher.push;

import java.util.List;

/**
 * What an answer came to.
 *
 * @param outcomes one for each record of the call, in the call's order
 */
record JudgedCall(List<PushOutcome> outcomes, CallEffect effect) {}
