package io.hourledger.pusher.koogallery.callback;

import io.hourledger.pusher.koogallery.SellerKey;

/** Whether a call is believed. */
sealed interface CallVerdict {

    /** It was signed with this key, lately. */
    record Believed(SellerKey signedWith) implements CallVerdict {}

    record NotBelieved(String why) implements CallVerdict {}
}
