/** What an app and its buyers ask of their instances over HTTP, and what an app says of one. */
@NullMarked
package io.hourledger.pusher.instances;

import org.jspecify.annotations.NullMarked;
