/** What a call of the client costs the thread of the app that makes it. */
@NullMarked
package io.hourledger.benchmarks.client;

import org.jspecify.annotations.NullMarked;
