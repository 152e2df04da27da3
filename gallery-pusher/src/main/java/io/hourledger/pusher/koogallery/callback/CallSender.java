package io.hourledger.pusher.koogallery.callback;

import io.hourledger.pusher.koogallery.SellerKey;

/**
 * For whom a verified call came.
 *
 * @param account the seller account whose path was called; orders, nonces and instances are those of this account alone
 * @param key the key of it that signed the call; what is answered is signed and encrypted with the same
 */
record CallSender(String account, SellerKey key) {}
