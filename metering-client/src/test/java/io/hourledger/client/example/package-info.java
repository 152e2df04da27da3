/** An app as others write one: it knows the client's public types only. */
@NullMarked
package io.hourledger.client.example;

import org.jspecify.annotations.NullMarked;
