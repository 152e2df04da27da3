/** Reads access tokens in the form of signed JWTs, as the seller's own issuer gives them to apps. */
@NullMarked
package io.hourledger.ingest.token;

import org.jspecify.annotations.NullMarked;
